/* json.c: a strict scanner for the headers of files.  It goes forward only,
 * unescapes strings where they stand, and knows no nesting of its own: the
 * caller asks for what the grammar of its header allows next. */
#include "io/io.h"

#include <string.h>

bool nl__utf8_valid (const char *s, size_t n) {
  const unsigned char *p = (const unsigned char *)s, *end = p + n;
  while (p < end) {
    unsigned c = *p++;
    int more = c < 0x80 ? 0 : c < 0xc2 ? -1 : c < 0xe0 ? 1 : c < 0xf0 ? 2
               : c < 0xf5 ? 3 : -1;
    if (more < 0 || end - p < more) return false;
    if (more == 0) continue;
    /* no overlong forms, surrogates or what lies beyond U+10FFFF */
    unsigned lo = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
    unsigned hi = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
    if (*p < lo || *p > hi) return false;
    for (p++, more--; more > 0; p++, more--)
      if ((*p & 0xc0) != 0x80) return false;
  }
  return true;
}

bool nl__json_fail (nl__json *j, const char *error) {
  if (j->error == NULL) j->error = error;
  j->p = j->end;
  return false;
}

char nl__json_peek (nl__json *j) {
  while (j->p < j->end &&
         (*j->p == ' ' || *j->p == '\t' || *j->p == '\n' || *j->p == '\r'))
    j->p++;
  return j->p < j->end ? *j->p : 0;
}

bool nl__json_take (nl__json *j, char c) {
  if (j->error != NULL || nl__json_peek(j) != c)
    return nl__json_fail(j, "its header is not the JSON of this format");
  j->p++;
  return true;
}

bool nl__json_next (nl__json *j, char close) {
  char c = nl__json_peek(j);
  if (j->error == NULL && c == ',') {
    j->p++;
    return true;
  }
  nl__json_take(j, close);
  return false;
}

/* Four hexadecimal digits after \u, or -1. */
static int hex4 (nl__json *j) {
  int x = 0;
  if (j->end - j->p < 4) return -1;
  for (int i = 0; i < 4; i++) {
    char c = *j->p++;
    int d = c >= '0' && c <= '9'   ? c - '0'
            : c >= 'a' && c <= 'f' ? c - 'a' + 10
            : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                   : -1;
    if (d < 0) return -1;
    x = x << 4 | d;
  }
  return x;
}

static char *put_utf8 (char *to, int c) {
  if (c < 0x80) {
    *to++ = (char)c;
  } else if (c < 0x800) {
    *to++ = (char)(0xc0 | c >> 6);
    *to++ = (char)(0x80 | (c & 63));
  } else if (c < 0x10000) {
    *to++ = (char)(0xe0 | c >> 12);
    *to++ = (char)(0x80 | (c >> 6 & 63));
    *to++ = (char)(0x80 | (c & 63));
  } else {
    *to++ = (char)(0xf0 | c >> 18);
    *to++ = (char)(0x80 | (c >> 12 & 63));
    *to++ = (char)(0x80 | (c >> 6 & 63));
    *to++ = (char)(0x80 | (c & 63));
  }
  return to;
}

/* After a backslash: writes the character, which is never longer than its
   escape; NULL when there is no such escape. */
static char *escape (nl__json *j, char *to) {
  static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
  if (j->p >= j->end) return NULL;
  char c = *j->p++;
  const char *at = strchr(from, c);
  if (c != 0 && at != NULL) {
    *to = into[at - from];
    return to + 1;
  }
  int x = c == 'u' ? hex4(j) : -1;
  if (x < 0 || (x >= 0xdc00 && x < 0xe000)) return NULL;
  if (x >= 0xd800 && x < 0xdc00) { /* the other half must follow */
    if (j->end - j->p < 6 || j->p[0] != '\\' || j->p[1] != 'u') return NULL;
    j->p += 2;
    int low = hex4(j);
    if (low < 0xdc00 || low >= 0xe000) return NULL;
    x = 0x10000 + ((x - 0xd800) << 10) + (low - 0xdc00);
  }
  return put_utf8(to, x);
}

bool nl__json_string (nl__json *j, const char **s, size_t *n) {
  if (!nl__json_take(j, '"')) return false;
  char *to = j->p, *start = j->p;
  while (j->p < j->end && *j->p != '"') {
    if ((unsigned char)*j->p < ' ')
      return nl__json_fail(j, "its header has a control character in a name");
    if (*j->p == '\\') {
      j->p++;
      to = escape(j, to);
      if (to == NULL)
        return nl__json_fail(j, "its header has a bad escape in a name");
    } else {
      *to++ = *j->p++;
    }
  }
  if (j->p >= j->end)
    return nl__json_fail(j, "its header ends inside a name");
  j->p++;
  *s = start;
  *n = (size_t)(to - start);
  return true;
}

bool nl__json_uint (nl__json *j, int64_t *x) {
  char c = nl__json_peek(j);
  if (j->error != NULL || c < '0' || c > '9')
    return nl__json_fail(j, "its header has no non-negative integer where one "
                            "must be");
  *x = 0;
  const char *from = j->p;
  for (; j->p < j->end && *j->p >= '0' && *j->p <= '9'; j->p++) {
    *x = *x * 10 + (*j->p - '0');
    if (*x >= (int64_t)1 << 53)
      return nl__json_fail(j, "its header has an integer of 2^53 or more");
  }
  if ((c == '0' && j->p - from > 1) ||
      (j->p < j->end && (*j->p == '.' || *j->p == 'e' || *j->p == 'E')))
    return nl__json_fail(j, "its header has a number that is no integer");
  return true;
}
