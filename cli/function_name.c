/* function_name.c: see function_name.h. */
#include "function_name.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* What stands behind the bracket that closes the one at the start. */
static const char *behind_brackets(const char *open)
{
  int depth = 0;
  for (; *open; open++) {
    depth += *open == '(' ? 1 : *open == ')' ? -1 : 0;
    if (!depth)
      return open + 1;
  }
  return open;
}

/* Whether a name may begin at `at`: no letter of another comes before. */
static bool begins(const char *name, const char *at)
{
  return at == name || (!isalnum((unsigned char)at[-1]) && at[-1] != '_');
}

/* Brackets that a part of the name follows belong to it: "(anonymous namespace)::f", "f(int)::{lambda()#1}", "operator()(int)". */
size_t function_name_length(const char *name)
{
  static const char call[] = "operator";
  const size_t length = sizeof call - 1;
  int depth = 0; /* of template arguments and of {lambda(int)#1} */
  const char *at = name;
  while (*at) {
    if (!depth && begins(name, at) && !strncmp(at, call, length)) {
      at += length;
      at += !strncmp(at, "()", 2) ? 2 : strspn(at, "<>=-");
    } else if (!depth && *at == '(') {
      const char *behind = behind_brackets(at);
      if (strncmp(behind, "::", 2) != 0)
        break;
      at = behind;
    } else {
      depth += *at == '<' || *at == '{';
      depth -= depth && (*at == '}' || (*at == '>' && at[-1] != '-'));
      at++;
    }
  }
  return (size_t)(at - name);
}
