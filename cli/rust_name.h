/* rust_name.h: names of Rust functions, which look like those of C++ to tools that know only C++. */
#ifndef BRIM_CLI_RUST_NAME_H
#define BRIM_CLI_RUST_NAME_H

/* Makes of a demangled name that ends with a hash, as in `app::_$u7b$$u7b$closure$u7d$$u7d$::h0123456789abcdef`, what the program's
 * text has: `app::{{closure}}`. Other names stay as they are. */
void rust_name_tidy(char *name);

#endif
