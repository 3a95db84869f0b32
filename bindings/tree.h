/* tree.h: nested tables of tensors and numbers, walked in sorted key order.
 * A table without a metatable is a node; everything else is a leaf (a module
 * or another object passes through as one). */
#ifndef NLB_TREE_H
#define NLB_TREE_H

#include "bind.h"

#define NLB_TREE_DEPTH 100 /* of tables; more are taken for a cycle */

/* Called with n leaves of one position on top of the stack; what it leaves on
   top is the result.  path says where, such as ".layer2.weight". */
typedef void (*nlb_leaf_fn) (lua_State *L, void *ud, int n, const char *path);

/* Pushes a tree like that at idx[0], its leaves mapped by f; the other n - 1
   trees must have the same keys, or an error names `what` and the path.
   f NULL with n == 1 copies the nodes. */
void nlb_tree_map (lua_State *L, int n, const int *idx, const char *what,
                   nlb_leaf_fn f, void *ud);
/* Visits the leaves of one tree; f leaves one value, which is dropped. */
void nlb_tree_each (lua_State *L, int idx, const char *what, nlb_leaf_fn f,
                    void *ud);
/* Is the value at idx a node (a plain table)? */
bool nlb_tree_node (lua_State *L, int idx);
/* Pushes the keys of the table at idx, sorted, as an array; returns how many.
   Integers first, then other numbers, strings, booleans; others are an
   error. */
int nlb_tree_keys (lua_State *L, int idx, const char *what);
/* The same onto the stack, one after the other. */
int nlb_tree_push_keys (lua_State *L, int idx, const char *what);

#endif
