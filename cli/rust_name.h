/* rust_name.h: names of Rust functions, which look like those of C++ to tools that know only C++. */
#ifndef BRIM_CLI_RUST_NAME_H
#define BRIM_CLI_RUST_NAME_H

/* Turns a demangled name that ends with a hash, such as `app::_$u7b$$u7b$closure$u7d$$u7d$::h0123456789abcdef`, into the
 * readable one, `app::{{closure}}`. Leaves other names as they are. */
void rust_name_tidy(char *name);

#endif
