"""Reference values for the function transforms: writes transforms.lua.

What is in it, all computed by JAX in float64: grad, value_and_grad, jvp, vjp, jacobian, hessian, vmap and their compositions,
derivatives up to the fourth, custom rules, control flow, checkpoint, stop_gradient, perturbation confusion, per-example
gradients (this file), and the derivatives of single operations (transforms_ops.py). `args.formula` states each function in
plain mathematics; `in_dims`, `out_dims`, indices and dimensions are 1-based, `false` stands for "not mapped".

Run: python transforms.py [--variant N] [--out FILE] [--check]
`--check` compares with mpmath's numerical differentiation, finite differences and adjointness.
"""
import sys

from jax_cases import Later, case, normal, resolve, uniform

import jax
import jax.numpy as jnp
import jax.scipy.special as jsp
import mpmath as mp
import numpy as np
from jax import grad, hessian, jacfwd, jacrev, jvp, lax, vjp, vmap

import golden_io
import transforms_nested
import transforms_ops


# ---- scalar functions, up to the fourth derivative ----

SCALARS = [
    # name, function, the same in mpmath, formula, range
    ("x3_sin", lambda x: x ** 3 * jnp.sin(x), lambda x: x ** 3 * mp.sin(x), "x^3 sin(x)", -3, 3),
    ("tanh", jnp.tanh, mp.tanh, "tanh(x)", -2, 2),
    ("logistic", lambda x: 1 / (1 + jnp.exp(-x)), lambda x: 1 / (1 + mp.exp(-x)), "1/(1 + exp(-x))", -4, 4),
    ("x_to_x", lambda x: x ** x, lambda x: mp.power(x, x), "x^x", 0.2, 3),
    ("gauss", lambda x: jnp.exp(-x * x), lambda x: mp.exp(-x * x), "exp(-x^2)", -2, 2),
    ("softplus", lambda x: jnp.log1p(jnp.exp(x)), lambda x: mp.log1p(mp.exp(x)), "log(1 + exp(x))", -3, 3),
    ("lorentz", lambda x: 1 / (1 + x * x), lambda x: 1 / (1 + x * x), "1/(1 + x^2)", -2, 2),
    ("root", lambda x: jnp.sqrt(1 + x * x), lambda x: mp.sqrt(1 + x * x), "sqrt(1 + x^2)", -2, 2),
    ("chirp", lambda x: jnp.sin(x * x) * jnp.cos(3 * x), lambda x: mp.sin(x * x) * mp.cos(3 * x), "sin(x^2) cos(3x)", -1.5, 1.5),
    ("erf", jsp.erf, mp.erf, "erf(x)", -2, 2),
    ("atan", jnp.arctan, mp.atan, "atan(x)", -2, 2),
    ("log", jnp.log, mp.log, "log(x)", 0.3, 3),
    ("lgamma", jsp.gammaln, mp.loggamma, "log gamma(x)", 0.5, 5),
    ("gelu", lambda x: 0.5 * x * (1 + jsp.erf(x / jnp.sqrt(2.0))), lambda x: x * (1 + mp.erf(x / mp.sqrt(2))) / 2, "x (1 + erf(x/sqrt 2))/2", -2, 2),
    ("nested", lambda x: jnp.exp(jnp.sin(jnp.exp(jnp.sin(x)))), lambda x: mp.exp(mp.sin(mp.exp(mp.sin(x)))), "exp(sin(exp(sin x)))", -2, 2),
    ("sinh_ratio", lambda x: jnp.sinh(x) / jnp.cosh(2 * x), lambda x: mp.sinh(x) / mp.cosh(2 * x), "sinh(x)/cosh(2x)", -2, 2),
]


def four_derivatives(f):
    def out(x):
        fs = [f]
        for _ in range(4):
            fs.append(grad(fs[-1]))
        return dict(zip(("y", "d1", "d2", "d3", "d4"), [vmap(g)(x) for g in fs]))
    return out


def scalar_cases(rng):
    for name, f, _, formula, lo, hi in SCALARS:
        x = uniform(rng, lo, hi, 4)
        yield case("scalar/" + name, "grad^n", formula, dict(x=x), Later(four_derivatives(f), x))


# ---- grad over trees and several arguments ----

def tree_loss(p):
    h = jnp.tanh(p["layer1"]["w"] @ p["x"] + p["layer1"]["b"])
    return jnp.sum(p["layer2"]["w"] * h) ** 2 + p["scale"] * jnp.sum(p["x"] ** 2)


def grad_cases(rng):
    p = dict(layer1=dict(w=normal(rng, 3, 2), b=normal(rng, 3)), layer2=dict(w=normal(rng, 3)), x=normal(rng, 2), scale=float(uniform(rng, 0.5, 2)))
    formula = "h = tanh(layer1.w x + layer1.b); (sum layer2.w h)^2 + scale sum x^2"
    yield case("grad/tree", "grad", formula, dict(params=p), Later(lambda p: dict(value=tree_loss(p), grad=grad(tree_loss)(p)), p))
    yield case("grad/number", "grad", "x^2 of a plain number", dict(x=3.0), Later(lambda x: dict(value=x ** 2, grad=grad(lambda x: x ** 2)(x)), 3.0))
    x, y, n = normal(rng, 3), normal(rng, 3), 3
    f = lambda x, n, y: jnp.sum(x ** n * jnp.exp(y))
    yield case("grad/argnums", "grad", "sum x^n exp(y); n an integer that is held out", dict(x=x, n=n, y=y),
               Later(lambda x, y: dict(d1=grad(f)(x, n, y), d3=grad(f, argnums=2)(x, n, y), both=grad(f, argnums=(0, 2))(x, n, y)), x, y), note="d1, d3: with respect to the first and the third argument; both: a pair")
    aux = lambda x: (jnp.sum(jnp.sin(x)), dict(cos=jnp.cos(x), n=jnp.max(x)))

    def with_aux(x):
        (v, a), g = jax.value_and_grad(aux, has_aux=True)(x)
        return dict(value=v, aux=a, grad=g)
    yield case("grad/aux", "value_and_grad", "sum sin(x), with cos(x) and max(x) as auxiliary results", dict(x=x), Later(with_aux, x))
    yield case("grad/unused", "grad", "sum(a^2), b and c.d unused: zeros of their shapes", dict(params=dict(a=x, b=y, c=dict(d=normal(rng, 2, 2)))),
               Later(lambda p: dict(grad=grad(lambda p: jnp.sum(p["a"] ** 2))(p)), dict(a=x, b=y, c=dict(d=normal(rng, 2, 2)))), note="c.d does not enter")
    yield case("grad/shared", "grad", "sum(a * a * b), a used twice", dict(a=x, b=y), Later(lambda a, b: dict(grad=grad(lambda a: jnp.sum(a * a * b))(a)), x, y))


# ---- jvp, vjp, jacobian, hessian ----

def two_in_two_out(x, y):
    return jnp.sin(x) * y, jnp.sum(x * y ** 2)


def rosenbrock(x):
    return jnp.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def linear_map_cases(rng):
    x, y, tx, ty = (normal(rng, 3) for _ in range(4))
    ct = (normal(rng, 3), float(normal(rng, 1)[0]))
    yield case("jvp/two_outputs", "jvp", "u = sin(x) y; v = sum x y^2", dict(x=x, y=y, tx=tx, ty=ty), Later(lambda *a: dict(zip(("value", "tangent"), jvp(two_in_two_out, a[:2], a[2:]))), x, y, tx, ty))

    def back(x, y, ct):
        value, f = vjp(two_in_two_out, x, y)
        gx, gy = f(ct)
        return dict(value=value, gx=gx, gy=gy)
    yield case("vjp/two_outputs", "vjp", "u = sin(x) y; v = sum x y^2", dict(x=x, y=y, ct_u=ct[0], ct_v=ct[1]), Later(back, x, y, ct))
    four = lambda x: jnp.stack([x[0] * x[1], jnp.exp(x[2]) * x[0], jnp.sin(x[1]), x[0] ** 2 + x[2] ** 3])
    yield case("jacobian/r3_r4", "jacobian", "(x1 x2, exp(x3) x1, sin x2, x1^2 + x3^3): out x in", dict(x=x), Later(lambda x: dict(jacobian=jacrev(four)(x), forward=jacfwd(four)(x)), x))
    m = normal(rng, 2, 3)
    yield case("jacobian/matrix", "jacobian", "tanh(a a') for a of 2x3: shape 2x2x2x3", dict(a=m), Later(lambda a: dict(jacobian=jacrev(lambda a: jnp.tanh(a @ a.T))(a)), m))
    yield case("jacobian/softmax", "jacobian", "softmax(x)", dict(x=x), Later(lambda x: dict(jacobian=jacrev(jax.nn.softmax)(x)), x))
    p = dict(a=normal(rng, 2), b=normal(rng, 3))
    q = lambda p: jnp.outer(p["a"], jnp.sin(p["b"]))
    yield case("jacobian/tree", "jacobian", "outer(a, sin b): one block a parameter", dict(params=p), Later(lambda p: dict(jacobian=jacrev(q)(p)), p))
    r4 = normal(rng, 4)
    yield case("hessian/rosenbrock", "hessian", "sum 100 (x[i+1] - x[i]^2)^2 + (1 - x[i])^2", dict(x=r4), Later(lambda x: dict(
        value=rosenbrock(x), grad=grad(rosenbrock)(x), hessian=hessian(rosenbrock)(x), product=jvp(grad(rosenbrock), (x,), (jnp.ones_like(x),))[1]), r4), note="product = hessian times a vector of ones")
    yield case("hessian/logsumexp", "hessian", "log sum exp x", dict(x=x), Later(lambda x: dict(hessian=hessian(jax.nn.logsumexp)(x)), x))
    r = lambda p: jnp.sum(jnp.sin(p["a"])) * jnp.sum(p["b"] ** 2) + p["a"][0] ** 3
    yield case("hessian/tree", "hessian", "sum(sin a) sum(b^2) + a1^3: blocks [row][column]", dict(params=p), Later(lambda p: dict(hessian=hessian(r)(p)), p))
    f = lambda x: jnp.stack([x[0] ** 2 * x[1], jnp.sin(x[0] * x[1] * x[2])])
    yield case("hessian/vector", "hessian", "(x1^2 x2, sin(x1 x2 x3)): 2x3x3", dict(x=x), Later(lambda x: dict(hessian=hessian(f)(x)), x))
    g = lambda x: x[0] ** 2 * jnp.sin(x[1])
    yield case("hessian/third", "jacobian of hessian", "x1^2 sin x2: 2x2x2", dict(x=x[:2]), Later(lambda x: dict(third=jacfwd(hessian(g))(x)), x[:2]))


# ---- vmap ----

def mapped(f, in_axes, out_axes=0):
    return lambda *a: dict(y=vmap(f, in_axes, out_axes)(*a))


def dims(axes):
    return [a + 1 if a is not None else False for a in axes]


def vmap_cases(rng):
    x, w = normal(rng, 5, 3), normal(rng, 3, 4, 5)
    f = lambda x, w: jnp.tanh(x @ w)
    for name, ins, out in (("both", (0, 2), 0), ("out_second", (0, 2), 1)):
        yield case("vmap/" + name, "vmap", "tanh(x w), x of 3, w of 3x4", dict(x=x, w=w), Later(mapped(f, ins, out), x, w), in_dims=dims(ins), out_dims=out + 1)
    yield case("vmap/one", "vmap", "tanh(x w), w not mapped", dict(x=x, w=w[:, :, 0]), Later(mapped(f, (0, None)), x, w[:, :, 0]), in_dims=dims((0, None)), out_dims=1)
    a, b = normal(rng, 3), normal(rng, 4)
    yield case("vmap/outer", "vmap of vmap", "x*y + sin(x): a 3x4 table from vectors a, b", dict(a=a, b=b), Later(lambda a, b: dict(y=vmap(vmap(lambda x, y: x * y + jnp.sin(x), (None, 0)), (0, None))(a, b)), a, b))
    m, n = normal(rng, 2, 3, 4), normal(rng, 4, 2)
    inner = vmap(lambda x, y: x ** 2 + jnp.cumsum(y), (1, None))
    yield case("vmap/two_axes", "vmap of vmap", "x^2 + cumsum(y), x of 2, y of 2; the outer map takes dim 3 of x and dim 1 of y, the inner one dim 2 of the 2x3 that is left of x and none of y",
               dict(x=m, y=n), Later(lambda x, y: dict(y=vmap(inner, (2, 0))(x, y)), m, n), in_dims=[[3, 1], [2, False]], note="result 4x3x2")
    p, t = dict(w=normal(rng, 5, 3), b=normal(rng, 5)), normal(rng, 3)
    yield case("vmap/tree", "vmap", "sum(w t) + b over a tree {w of 3, b a number}, t not mapped", dict(params=p, t=t), Later(mapped(lambda p, t: jnp.sum(p["w"] * t) + p["b"], (0, None)), p, t), in_dims=[1, False])
    i = rng.integers(0, 2, 5)
    yield case("vmap/index", "vmap", "x[i] + x[i+1] (1-based i)", dict(x=x, index=i + 1), Later(lambda x: dict(y=vmap(lambda x, i: x[i] + x[i + 1])(x, i)), x), in_dims=[1, 1])
    yield case("vmap/constant_out", "vmap", "two results: x^2, and t that does not depend on x: repeated", dict(x=x, t=t), Later(lambda x, t: dict(zip(("u", "v"), vmap(lambda x: (x ** 2, t))(x))), x, t), in_dims=[1])
    table = [
        ("sum_dim", "sum over dim 2 of each 3x4", lambda a: jnp.sum(a, axis=1), normal(rng, 2, 3, 4)), ("sort", "ascending sort of each 4-vector", jnp.sort, normal(rng, 3, 4)),
        ("argmax", "1-based argmax of each 4-vector", lambda a: jnp.argmax(a) + 1, normal(rng, 3, 4)), ("transpose", "transpose of each 3x4", lambda a: a.T, normal(rng, 2, 3, 4)),
        ("softmax", "softmax of each 4-vector", jax.nn.softmax, normal(rng, 3, 4)), ("inverse", "inverse of each 2x2", jnp.linalg.inv, normal(rng, 3, 2, 2) + 2 * np.eye(2)),
        ("det", "determinant of each 2x2", jnp.linalg.det, normal(rng, 3, 2, 2)), ("cat", "cat(a, 2a) of each 2-vector", lambda a: jnp.concatenate([a, 2 * a]), normal(rng, 3, 2)),
        ("where", "where(a > 0, a, -2a)", lambda a: jnp.where(a > 0, a, -2 * a), normal(rng, 3, 4)), ("set", "z = 2a; z[1] = z[2]^2", lambda a: (2 * a).at[0].set((2 * a)[1] ** 2), normal(rng, 3, 4)),
    ]
    for name, formula, f, v in table:
        yield case("vmap/" + name, "vmap", formula, dict(x=v), Later(mapped(f, 0), v), in_dims=[1])


# ---- compositions ----

def composition_cases(rng):
    x, v = normal(rng, 4), normal(rng, 4)
    f = lambda x: jnp.sin(x) * x ** 2
    s = lambda x: jnp.sum(f(x)) + jnp.prod(x)
    yield case("compose/vmap_grad", "vmap of grad", "x^2 sin x", dict(x=x), Later(lambda x: dict(y=vmap(grad(f))(x)), x))
    yield case("compose/grad_vmap", "grad of vmap", "sum of vmap(x^2 sin x)", dict(x=x), Later(lambda x: dict(y=grad(lambda x: jnp.sum(vmap(f)(x)))(x)), x))
    yield case("compose/vmap_grad_grad", "vmap of grad of grad", "x^2 sin x", dict(x=x), Later(lambda x: dict(y=vmap(grad(grad(f)))(x)), x))
    yield case("compose/grad_vmap_grad", "grad of vmap of grad", "sum over i of (d/dx x^2 sin x)^2", dict(x=x), Later(lambda x: dict(y=grad(lambda x: jnp.sum(vmap(grad(f))(x) ** 2))(x)), x))
    yield case("compose/jvp_vjp", "jvp of vjp", "the gradient of sum(x^2 sin x) + prod x, along v", dict(x=x, v=v), Later(lambda x, v: dict(y=jvp(grad(s), (x,), (v,))[1]), x, v))
    yield case("compose/vjp_jvp", "grad of jvp", "the gradient of (directional derivative along v)", dict(x=x, v=v), Later(lambda x, v: dict(y=grad(lambda x: jvp(s, (x,), (v,))[1])(x)), x, v), note="equal to compose/jvp_vjp")
    yield case("compose/jvp_jvp", "jvp of jvp", "second derivative of sum(x^2 sin x) + prod x along v, v", dict(x=x, v=v), Later(lambda x, v: dict(y=jvp(lambda x: jvp(s, (x,), (v,))[1], (x,), (v,))[1]), x, v))
    yield case("compose/jacfwd_jacrev", "jacfwd of jacrev", "sum(x^2 sin x) + prod x", dict(x=x), Later(lambda x: dict(y=jacfwd(jacrev(s))(x), other=jacrev(jacfwd(s))(x)), x))
    b = normal(rng, 3, 4)
    yield case("compose/vmap_hessian", "vmap of hessian", "sum(x^2 sin x) + prod x for each row", dict(x=b), Later(lambda b: dict(y=vmap(hessian(s))(b)), b))
    yield case("compose/vmap_jvp", "vmap of jvp", "sum(x^2 sin x) + prod x, all basis tangents: the gradient", dict(x=x), Later(lambda x: dict(y=vmap(lambda e: jvp(s, (x,), (e,))[1])(jnp.eye(4))), x))
    yield case("compose/grad_cubed", "grad^3", "x^5 + exp(2x) at each x", dict(x=x), Later(lambda x: dict(y=vmap(grad(grad(grad(lambda x: x ** 5 + jnp.exp(2 * x)))))(x)), x))
    yield case("compose/gradient_penalty", "grad of norm of grad", "sum tanh(w x) has gradient g over x; d/dw of (|g| - 1)^2", dict(w=b, x=x),
               Later(lambda w, x: dict(y=grad(lambda w: (jnp.linalg.norm(grad(lambda x: jnp.sum(jnp.tanh(w @ x)))(x)) - 1) ** 2)(w)), b, x))
    start = float(uniform(rng, 0.4, 1.2))
    step = lambda w: w - 0.1 * grad(lambda w: jnp.sum((jnp.tanh(w * x) - v) ** 2))(w)
    yield case("compose/through_update", "grad through a gradient step", "w' = w - 0.1 d/dw sum (tanh(w x) - v)^2; d/dw of sum (tanh(w' x) - v)^2, w a number", dict(x=x, v=v, w=start),
               Later(lambda w: dict(y=grad(lambda w: jnp.sum((jnp.tanh(step(w) * x) - v) ** 2))(w)), start))


# ---- perturbation confusion and stop_gradient ----

def confusion_cases(rng):
    d = lambda f: lambda x: jvp(f, (x,), (1.0,))[1]
    a = float(uniform(rng, 0.5, 2))
    for kind, D in (("reverse", grad), ("forward", d)):
        def outs(x, D=D):
            return dict(one=D(lambda x: x * D(lambda y: x + y)(1.0))(x), two=D(lambda x: x * D(lambda y: x * y)(2.0))(x),
                        three=D(lambda x: x * D(lambda y: y * D(lambda z: x * y * z)(3.0))(x))(x), four=D(lambda x: D(lambda y: x * y * y)(x))(x))
        yield case("confusion/" + kind, "%s in %s" % (kind, kind), "one: d/dx [x d/dy (x + y) at 1] = 1; two: d/dx [x d/dy (x y) at 2] = 2x; three: d/dx [x d/dy (y d/dz (x y z) at 3) at y = x] = 6x^2; four: d/dx [d/dy (x y^2) at y = x] = 4x",
                   dict(x=a), Later(outs, a))
    mixed = lambda x: dict(forward_in_reverse=grad(lambda x: x * d(lambda y: x * y ** 2)(2.0))(x), reverse_in_forward=d(lambda x: x * grad(lambda y: x * y ** 2)(2.0))(x))
    yield case("confusion/mixed", "one mode in the other", "d/dx [x d/dy (x y^2) at 2] = 8x", dict(x=a), Later(mixed, a))
    x = normal(rng, 3)
    yield case("confusion/vmap", "grad in vmap in grad", "d/dx sum over i of [x_i d/dy (x_i y) at 1] = 2x", dict(x=x), Later(lambda x: dict(y=grad(lambda x: jnp.sum(vmap(lambda t: t * grad(lambda y: t * y)(1.0))(x)))(x)), x))


def stop_cases(rng):
    x, t, stop = normal(rng, 3), float(uniform(rng, 0.5, 2)), lax.stop_gradient
    f = lambda x: jnp.sum(x * stop(x) ** 2)
    g = lambda x: jnp.sum(x ** 2 + stop(jnp.sin(x)) * x)
    yield case("stop/product", "stop_gradient", "sum x stop(x)^2: gradient x^2, hessian 0", dict(x=x), Later(lambda x: dict(value=f(x), grad=grad(f)(x), hessian=hessian(f)(x), jvp=jvp(f, (x,), (jnp.ones(3),))[1]), x))
    yield case("stop/sum", "stop_gradient", "sum x^2 + stop(sin x) x: gradient 2x + sin x, its gradient 2", dict(x=x), Later(lambda x: dict(grad=grad(g)(x), hessian=hessian(g)(x)), x))
    yield case("stop/vmap", "stop_gradient under vmap of grad", "x stop(exp x)", dict(x=x), Later(lambda x: dict(grad=vmap(grad(lambda x: x * stop(jnp.exp(x))))(x)), x))
    yield case("stop/inner_only", "stop_gradient", "d/dx of (d/dy of y^2 stop(x y)) at y = x: inner 2y (x y) = 2 x^3 at y = x; the outer sees stop(x y) as constant",
               dict(x=t), Later(lambda x: dict(inner=grad(lambda y: y ** 2 * stop(x * y))(x), outer=grad(lambda x: grad(lambda y: y ** 2 * stop(x * y))(x))(x)), t))


PARTS = (scalar_cases, grad_cases, linear_map_cases, vmap_cases, composition_cases, confusion_cases, stop_cases)


def cases(variant):
    rng = np.random.default_rng([55, variant])
    for part in PARTS:
        yield from part(rng)


# ---- checks ----

def check(all_cases):
    """mpmath's derivatives of the scalar functions, finite differences of two gradients, the closed forms stated in the formulas."""
    by, bad = {c["name"]: c for c in all_cases}, []
    mp.mp.dps = 40
    for name, _, f, *_ in SCALARS:
        c = by["scalar/" + name]
        for k in range(5):
            want = [float(mp.diff(f, mp.mpf(x), k)) for x in c["inp"]["x"].tolist()]
            if not np.allclose(c["out"]["y" if k == 0 else "d%d" % k], want, rtol=1e-10, atol=1e-11):
                bad.append((c["name"], k))
    x = by["confusion/reverse"]["inp"]["x"]
    for kind in ("reverse", "forward"):
        o = by["confusion/" + kind]["out"]
        if not np.allclose([o["one"], o["two"], o["three"], o["four"]], [1, 2 * x, 6 * x * x, 4 * x]):
            bad.append("confusion/" + kind)
    x = by["stop/sum"]["inp"]["x"]
    if not np.allclose(by["stop/sum"]["out"]["grad"], 2 * x + np.sin(x)) or not np.allclose(by["stop/product"]["out"]["grad"], by["stop/product"]["inp"]["x"] ** 2):
        bad.append("stop")
    if not np.allclose(by["compose/jvp_vjp"]["out"]["y"], by["compose/vjp_jvp"]["out"]["y"]) or not np.allclose(by["compose/vmap_grad"]["out"]["y"], by["compose/grad_vmap"]["out"]["y"]):
        bad.append("compose")
    c = by["hessian/rosenbrock"]
    x, h = c["inp"]["x"], 1e-5
    steps = [(rosenbrock(x + h * e) - rosenbrock(x - h * e)) / (2 * h) for e in np.eye(len(x))]
    if not np.allclose(steps, c["out"]["grad"], rtol=1e-6) or not np.allclose(c["out"]["hessian"].sum(axis=1), c["out"]["product"]):
        bad.append("rosenbrock")
    print("transforms: %d functions by mpmath to the fourth derivative, closed forms, differences; wrong: %s" % (len(SCALARS), bad or "none"))
    return not bad


def main():
    wanted = "--check" in sys.argv
    sys.argv = [a for a in sys.argv if a != "--check"]
    a = golden_io.arguments("transforms.lua")
    mine, nested, ops = (resolve(m(a.variant)) for m in (cases, transforms_nested.cases, transforms_ops.cases))
    golden_io.write(a.out, mine + nested + ops, jax=jax.__version__, numpy=np.__version__)
    if wanted and not all([check(mine), transforms_nested.check(nested), transforms_ops.check(ops)]):
        sys.exit("a value differs")


if __name__ == "__main__":
    main()
