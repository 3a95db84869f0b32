/* jit_again.c: why a function is compiled anew, and a word when that is at
 * nearly every call.
 *
 * The signatures of the new entry and the one before are walked side by side,
 * item by item as jit_sign.c wrote them, to the first that differs though it
 * is no shape; where they are equal a guard failed. */
#include <stdio.h>
#include <string.h>

#include "autograd.h"
#include "jit.h"
#include "tensor.h"

#define OFTEN 10 /* so many times, then it is said */
#define MADE "nnlua.jit_made" /* line -> functions without a replay */

/* ---- signatures ---- */

/* The length of the item at p. */
static size_t item (const char *p) {
  size_t n;
  int64_t head[4];
  int ndim;
  switch (*p) {
    case 'I': case 'i': case 'j': case 'n': case 'o': return 1 + sizeof head[0];
    case 'S': case 's': case 'k':
      memcpy(&n, p + 1, sizeof n);
      return 1 + sizeof n + n;
    case 'P': case 'p': return 1 + sizeof(void *);
    case 't': /* storage, offset, ndim, sizes, strides */
      n = 1 + sizeof(void *) + sizeof(int64_t);
      memcpy(&ndim, p + n, sizeof ndim);
      return n + sizeof ndim + 2 * (size_t)ndim * sizeof(int64_t);
    case 'T': /* head, sizes; of one that is shared offset and strides */
      memcpy(head, p + 1, sizeof head);
      n = 1 + sizeof head + (size_t)head[1] * sizeof(int64_t);
      if (head[3] >= 0) n += (size_t)(head[1] + 1) * sizeof(int64_t);
      return n;
    default: return 1;
  }
}

/* Where a walk stands: in an upvalue, or in an argument at a key. */
typedef struct place {
  int upvalue, arg;
  const char *key; /* the item of the last key, or NULL */
} place;

static void advance (place *at, const char *p) {
  if (*p == ',') {
    at->arg++;
    at->key = NULL;
  } else if (at->arg == 0) {
    at->upvalue++;
  } else if (strchr("kij", *p) != NULL) {
    at->key = p;
  }
}

static void name_place (lua_State *L, int fn, const place *at, char *buf,
                        size_t size) {
  if (at->arg == 0) {
    const char *name = lua_getupvalue(L, fn, at->upvalue + 1);
    snprintf(buf, size, "its upvalue '%s'", name != NULL ? name : "");
    if (name != NULL) lua_pop(L, 1);
    return;
  }
  size_t n = 0;
  if (at->key != NULL && *at->key == 'k')
    memcpy(&n, at->key + 1, sizeof n);
  if (n > 0 && n < 60)
    snprintf(buf, size, "the field '%.*s' of argument #%d", (int)n,
             at->key + 1 + sizeof n, at->arg);
  else
    snprintf(buf, size, "%sargument #%d", at->key != NULL ? "a part of " : "",
             at->arg);
}

/* The number or string of an item as text. */
static void show (const char *p, char buf[48]) {
  lua_Integer i;
  lua_Number x;
  size_t n;
  memcpy(&i, p + 1, sizeof i);
  memcpy(&x, p + 1, sizeof x);
  memcpy(&n, p + 1, sizeof n);
  if (*p == 'I' || *p == 'n') snprintf(buf, 48, LUA_INTEGER_FMT, i);
  else if (*p == 'o') snprintf(buf, 48, LUA_NUMBER_FMT, x);
  else snprintf(buf, 48, "'%.*s'", (int)(n < 40 ? n : 40), p + 1 + sizeof n);
}

/* What the item q in place of p says, into why; false: just a shape. */
static bool differ (lua_State *L, int fn, const place *at, const char *p,
                    const char *q, char *why, size_t size) {
  char name[120], was[48], now[48];
  name_place(L, fn, at, name, sizeof name);
  switch (*q) {
    case 'I': case 'n': case 'o':
      show(p, was);
      show(q, now);
      snprintf(why, size, "%s is %s now and was %s; %s are part of what is "
               "compiled. Pass it as a float (an argument), or as a tensor",
               name, now, was,
               *q == 'I' ? "integers" : "numbers of upvalues");
      return true;
    case 'S': case 's':
      show(p, was);
      show(q, now);
      snprintf(why, size, "%s is %s now and was %s; strings are part of what "
               "is compiled", name, now, was);
      return true;
    case 'P': case 'p':
      snprintf(why, size, "%s is another function, table or object than it "
               "was; make it once, before the calls", name);
      return true;
    case 't':
      snprintf(why, size, "%s is another tensor than it was. Write into the "
               "old one, as with copy, or pass it as an argument", name);
      return true;
    default: return false;
  }
}

/* Compares the signatures; false: they differ in shapes alone. */
static bool compare (lua_State *L, int fn, const nlb_entry *a,
                     const nlb_entry *b, char *why, size_t size) {
  const char *p = a->sig + 1, *q = b->sig + 1; /* past the default dtype */
  const char *pe = a->sig + a->len, *qe = b->sig + b->len;
  place at = {0, 0, NULL};
  while (p < pe && q < qe && *p == *q) {
    size_t m = item(p), n = item(q);
    if ((m != n || memcmp(p, q, n) != 0) &&
        differ(L, fn, &at, p, q, why, size))
      return true;
    advance(&at, q);
    p += m;
    q += n;
  }
  return false;
}

/* ---- guards ---- */

/* The field that the last entry under this signature was guarded by. */
static bool failed_guard (lua_State *L, int was, int now, char *why,
                          size_t size) {
  nlb_state *S = nlb_state_of(L);
  int top = lua_gettop(L);
  bool found = false;
  lua_getiuservalue(L, was, NLB_UV_GUARDS);
  lua_getiuservalue(L, now, NLB_UV_GUARDS);
  if (lua_istable(L, top + 1) && lua_istable(L, top + 2)) {
    lua_Integer n = (lua_Integer)lua_rawlen(L, top + 1);
    for (lua_Integer i = 2; i + 1 <= n && !found; i += 3) {
      lua_settop(L, top + 2);
      lua_rawgeti(L, top + 1, i);     /* key */
      lua_rawgeti(L, top + 1, i + 1); /* what it held */
      lua_rawgeti(L, top + 2, i);
      lua_rawgeti(L, top + 2, i + 1);
      found = lua_rawequal(L, top + 3, top + 5) &&
              !lua_rawequal(L, top + 4, top + 6);
    }
  }
  if (found) {
    const char *a = lua_islightuserdata(L, top + 4)
                        ? "nil" : nlb_describe(L, S, top + 4);
    const char *b = lua_islightuserdata(L, top + 6)
                        ? "nil" : nlb_describe(L, S, top + 6);
    lua_pushvalue(L, top + 3);
    snprintf(why, size, "the field '%s', read through autograd.static, holds "
             "%s now and held %s%s. Keep what changes in one tensor that is "
             "written to (fill, copy), or pass it as an argument",
             luaL_tolstring(L, -1, NULL), b, strcmp(a, b) == 0 ? "another " :
             "", a);
  }
  lua_settop(L, top);
  return found;
}

/* ---- the log ---- */

/* "train.lua:12" of the function at fn. */
static void line_of (lua_State *L, int fn, char *buf, size_t size) {
  lua_Debug ar;
  snprintf(buf, size, "a function");
  if (lua_type(L, fn) != LUA_TFUNCTION) return;
  lua_pushvalue(L, fn);
  if (lua_getinfo(L, ">S", &ar) && ar.linedefined > 0)
    snprintf(buf, size, "the function of %s:%d", ar.short_src, ar.linedefined);
}

/* Counts the functions made at one line that were captured and never
   replayed. */
static void count_made (lua_State *L, const char *line) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, MADE);
  lua_getfield(L, -1, line);
  lua_Integer n = lua_tointeger(L, -1) + 1;
  lua_pop(L, 1);
  lua_pushinteger(L, n);
  lua_setfield(L, -2, line);
  lua_pop(L, 1);
  if (n != 2 * OFTEN) return;
  lua_pushfstring(L, "jit: %s was made and compiled anew %I times, and never "
                  "replayed. Call autograd.jit once, outside of the loop, and "
                  "keep what it returns", line, (LUAI_UACINT)n);
  nl_say(nlb_state_of(L)->C, lua_tostring(L, -1));
  lua_pop(L, 1);
}

void nlb_jit_replayed (lua_State *L, nlb_jit *f, int fn) {
  char line[120];
  if (f->replays++ > 0 || !lua_checkstack(L, 10)) return;
  line_of(L, fn, line, sizeof line);
  if (lua_getfield(L, LUA_REGISTRYINDEX, MADE) == LUA_TTABLE) {
    lua_pushnil(L);
    lua_setfield(L, -2, line);
  }
  lua_pop(L, 1);
}

void nlb_jit_anew (lua_State *L, nlb_jit *f, int fn, int was, int now,
                   bool full) {
  char line[120], why[NLB_WHY] = "";
  line_of(L, fn, line, sizeof line);
  if (was == 0) {
    if (f->captures == 1) count_made(L, line);
    return;
  }
  const nlb_entry *a = (const nlb_entry *)lua_touserdata(L, was);
  const nlb_entry *b = (const nlb_entry *)lua_touserdata(L, now);
  bool same = a->len == b->len && memcmp(a->sig, b->sig, a->len) == 0;
  bool known = same ? failed_guard(L, was, now, why, sizeof why)
                    : compare(L, fn, a, b, why, sizeof why);
  if (known) {
    f->anew++;
    memcpy(f->why, why, sizeof why);
  }
  bool often = f->anew >= OFTEN && f->captures > f->replays;
  if (f->said || !(often || full)) return;
  f->said = true;
  if (full && !often)
    snprintf(f->why, sizeof f->why, "its arguments have ever other shapes: "
             "pad them to a few. Its compiled forms are forgotten now");
  lua_pushfstring(L, "jit: %s was compiled for %d signatures in %I calls: %s "
                  "(said once)", line, f->made,
                  (LUAI_UACINT)(f->captures + f->replays), f->why);
  nl_say(f->S->C, lua_tostring(L, -1));
  lua_pop(L, 1);
}
