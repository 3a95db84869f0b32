"""Custom rules, control flow, checkpoint and small networks under nested transforms, by JAX in float64.

Some custom rules are wrong on purpose (a factor that the true derivative lacks), so that a test sees whether the rule is used.
JAX differentiates the forward function of a custom_vjp as it is written: where it calls the plain operation, a second
derivative goes through the plain operation; where it calls the custom function itself, through the custom rule.
"""
from functools import partial

from jax_cases import Later, case, normal, uniform

import jax
import jax.numpy as jnp
import numpy as np
from jax import grad, hessian, jacrev, jvp, lax, vjp, vmap


# ---- custom rules ----

@partial(jax.custom_vjp, nondiff_argnums=(0, 1))
def clip_gradient(lo, hi, x):
    return x


clip_gradient.defvjp(lambda lo, hi, x: (x, None), lambda lo, hi, _, g: (jnp.clip(g, lo, hi),))


@jax.custom_vjp
def straight_through(x):
    return jnp.round(x)


straight_through.defvjp(lambda x: (jnp.round(x), None), lambda _, g: (g,))


@jax.custom_jvp
def log1pexp(x):
    return jnp.log(1.0 + jnp.exp(x))


@log1pexp.defjvp
def _(primals, tangents):
    (x,), (t,) = primals, tangents
    return log1pexp(x), (1 - 1 / (1 + jnp.exp(x))) * t


@jax.custom_jvp
def square_lie(x):
    return x ** 2


@square_lie.defjvp
def _(primals, tangents):
    (x,), (t,) = primals, tangents
    return square_lie(x), 3 * x ** 2 * t


@jax.custom_vjp
def sin_lie(x):
    return jnp.sin(x)


sin_lie.defvjp(lambda x: (jnp.sin(x), x), lambda x, g: (2 * jnp.cos(x) * g,))


@jax.custom_vjp
def sin_lie_self(x):
    return jnp.sin(x)


sin_lie_self.defvjp(lambda x: (sin_lie_self(x), x), lambda x, g: (2 * jnp.cos(x) * g,))


@jax.custom_vjp
def straight_through_self(x):
    return jnp.round(x)


straight_through_self.defvjp(lambda x: (straight_through_self(x), None), lambda _, g: (g,))


@jax.custom_vjp
def scaled(x, scale):
    return x * scale


scaled.defvjp(lambda x, s: (x * s, s), lambda s, g: (10 * s * g, None))


@jax.custom_jvp
def sin_times(x, y):
    return jnp.sin(x) * y


@sin_times.defjvp
def _(primals, tangents):
    (x, y), (tx, ty) = primals, tangents
    return sin_times(x, y), jnp.cos(x) * tx * y + 5 * jnp.sin(x) * ty


@jax.custom_vjp
def newton_sqrt(a):
    return lax.while_loop(lambda s: jnp.abs(s * s - a) > 1e-13 * a, lambda s: 0.5 * (s + a / s), a)


def _newton_forward(a):
    s = newton_sqrt(a)
    return s, s


newton_sqrt.defvjp(_newton_forward, lambda s, g: (g / (2 * s),))


def custom_cases(rng):
    x = np.concatenate([normal(rng, 3), [0.5]])
    v = uniform(rng, 0.2, 3, 4)
    s, w = (float(a) for a in uniform(rng, 0.8, 2.6, 2))
    clip = partial(clip_gradient, -0.5, 0.5)
    f = lambda x: jnp.sum(clip(x) ** 2)
    yield case("custom_vjp/clip_gradient", "custom_vjp", "c(x) = x, gradient clipped to [-0.5, 0.5]; f = sum c(x)^2", dict(x=x), Later(lambda x: dict(
        value=f(x), grad=grad(f)(x), inside=grad(lambda x: jnp.sum(clip(3 * x) * x))(x), vmap_grad=vmap(grad(lambda t: clip(jnp.sin(t)) * 4))(x),
        twice=vmap(grad(grad(lambda t: clip(t ** 2))))(x), chain=grad(lambda x: jnp.sum(jnp.exp(clip(jnp.sin(clip(x))))))(x)), x),
        note="inside: sum c(3x) x; vmap_grad: 4 c(sin t); twice: second derivative of c(t^2); chain: sum exp(c(sin(c(x))))")
    r = lambda x: jnp.sum(straight_through(3 * x) ** 2)
    yield case("custom_vjp/straight_through", "custom_vjp", "r = round (half to even) with derivative 1; f = sum r(3x)^2", dict(x=x), Later(lambda x: dict(
        value=r(x), grad=grad(r)(x), by_stop=grad(lambda x: jnp.sum((3 * x + lax.stop_gradient(jnp.round(3 * x) - 3 * x)) ** 2))(x), jacobian=jacrev(lambda x: straight_through(x) * x)(x),
        second=vmap(grad(grad(lambda t: straight_through(t) ** 3)))(x), second_self=vmap(grad(grad(lambda t: straight_through_self(t) ** 3)))(x)), x),
        note="by_stop: the same through x + stop(round(x) - x); jacobian of r(x) x; second: derivative of 3 r(t)^2, 0 when the forward function is the plain round, second_self: 6 r(t) when it calls r itself")
    z = np.array([-50.0, -1.0, 0.0, 0.5, 3.0, 100.0])
    yield case("custom_jvp/log1pexp", "custom_jvp", "log(1 + exp x) with tangent (1 - 1/(1 + exp x)) t", dict(x=z, near=v), Later(lambda z, v: dict(
        grad=vmap(grad(log1pexp))(z), jvp=jvp(log1pexp, (z,), (jnp.ones(6),))[1], second=vmap(grad(grad(log1pexp)))(v), third=vmap(grad(grad(grad(log1pexp))))(v),
        hessian=hessian(lambda v: jnp.sum(log1pexp(v) * v))(v)), z, v), note="grad and jvp at x (1 at x = 100, where the plain derivative is nan); the rest at `near`")
    yield case("custom_jvp/square_lie", "custom_jvp", "x^2 with the wrong tangent 3 x^2 t", dict(x=x), Later(lambda x: dict(
        value=square_lie(x), grad=vmap(grad(square_lie))(x), second=vmap(grad(grad(square_lie)))(x), third=vmap(grad(grad(grad(square_lie))))(x), jvp=jvp(square_lie, (x,), (2 * x,))[1],
        chain=grad(lambda x: jnp.sum(jnp.sin(square_lie(x))))(x), hessian=hessian(lambda x: jnp.prod(square_lie(x)))(x)), x),
        note="second and third differentiate the rule: 6x, 6; jvp along 2x; chain: sum sin; hessian of the product")
    yield case("custom_vjp/sin_lie", "custom_vjp", "sin x with the wrong cotangent 2 cos(x) g", dict(x=x), Later(lambda x: dict(
        value=sin_lie(x), grad=vmap(grad(sin_lie))(x), second=vmap(grad(grad(sin_lie)))(x), third=vmap(grad(grad(grad(sin_lie))))(x), chain=grad(lambda x: jnp.sum(sin_lie(x) ** 2 * x))(x),
        hessian=jacrev(jacrev(lambda x: jnp.sum(sin_lie(x) * x)))(x), hessian_self=jacrev(jacrev(lambda x: jnp.sum(sin_lie_self(x) * x)))(x), vmapped=grad(lambda x: jnp.sum(vmap(sin_lie)(x)))(x)), x),
        note="second -2 sin x, third -2 cos x: the backward rule is differentiated; hessian of sum s(x) x with a plain sin in the forward function (diagonal 3 cos x - 2 x sin x), hessian_self where it calls s itself (4 cos x - 2 x sin x); JAX refuses forward mode through a custom_vjp")
    yield case("custom_vjp/none", "custom_vjp", "x s with cotangent 10 s g for x and none for s", dict(x=x, s=s), Later(lambda x, s: dict(
        value=scaled(x, s), grad=grad(lambda x: jnp.sum(scaled(x, s)))(x), grad_s=grad(lambda s: jnp.sum(scaled(x, s)))(s), second=vmap(grad(grad(lambda t: scaled(t ** 2, s))))(x)), x, s), note="grad_s is zero")
    yield case("custom_jvp/two_arguments", "custom_jvp", "sin(x) y with the tangent cos(x) y tx + 5 sin(x) ty", dict(x=x, y=v), Later(lambda x, y: dict(
        gx=vmap(grad(sin_times))(x, y), gy=vmap(grad(sin_times, argnums=1))(x, y), jvp=jvp(sin_times, (x, y), (y, x))[1], mixed=vmap(grad(grad(sin_times, argnums=1), argnums=0))(x, y)), x, v),
        note="jvp along tangents (y, x)")
    yield case("custom_vjp/newton_sqrt", "custom_vjp", "sqrt(a) by Newton steps in a while loop, cotangent g/(2 sqrt a)", dict(a=v), Later(lambda a: dict(
        value=vmap(newton_sqrt)(a), grad=vmap(grad(newton_sqrt))(a), second=vmap(grad(grad(newton_sqrt)))(a)), v), note="second: the saved output is differentiated through its own rule")

    def rnn(w):
        return lax.scan(lambda h, t: (clip_gradient(-0.1, 0.1, jnp.tanh(w * h + t)), None), 0.3, x)[0]
    yield case("custom_vjp/in_scan", "custom_vjp in scan", "h <- c(tanh(w h + x_t)), h0 = 0.3, c clips gradients to [-0.1, 0.1]; d h_T / d w", dict(x=x, w=w), Later(lambda w: dict(value=rnn(w), grad=grad(rnn)(w)), w))


# ---- control flow ----

def rnn_scan(p, xs):
    def step(h, x):
        h = jnp.tanh(p["w"] @ h + p["u"] @ x)
        return h, jnp.sum(h ** 2)
    return lax.scan(step, p["h0"], xs)


def rnn_loss(p, xs):
    h, ys = rnn_scan(p, xs)
    return jnp.sum(h) + jnp.sum(ys * jnp.arange(1.0, 1.0 + len(xs)))


def collatz(n):
    return lax.while_loop(lambda s: s[0] != 1, lambda s: (jnp.where(s[0] % 2 == 0, s[0] // 2, 3 * s[0] + 1), s[1] + 1), (n, 0))[1]


def growing(x, limit):
    """Doubles and shifts until the limit is passed: the trip count depends on the data."""
    return lax.while_loop(lambda s: s < limit, lambda s: 2 * s + 0.1 * jnp.sin(s), x)


def rnn_parameters(rng, h):
    return dict(w=normal(rng, h, h), u=normal(rng, h, 2), h0=normal(rng, h))


def control_cases(rng, variant):
    h, steps = [(3, 5), (2, 4)][variant % 2]
    p, dp, xs = rnn_parameters(rng, h), rnn_parameters(rng, h), normal(rng, steps, 2)
    a, c, d = (float(v) for v in uniform(rng, 0.3, 1.9, 3))
    formula = "h <- tanh(w h + u x_t), y_t = sum h^2; loss = sum h_T + sum t y_t"
    yield case("scan/rnn", "scan", formula, dict(params=p, xs=xs), Later(lambda p, xs: dict(zip(("h", "ys"), rnn_scan(p, xs)), loss=rnn_loss(p, xs), grad=grad(rnn_loss)(p, xs), grad_xs=grad(rnn_loss, argnums=1)(p, xs)), p, xs))
    yield case("scan/rnn_forward", "jvp of scan", formula + "; along the tangents", dict(params=p, xs=xs, tangent=dp), Later(lambda p, xs, t: dict(
        jvp=jvp(lambda p: rnn_loss(p, xs), (p,), (t,))[1], hvp=jvp(grad(rnn_loss), (p, xs), (t, jnp.zeros_like(xs)))[1]), p, xs, dp), note="hvp: the hessian over params times the tangent")
    b = normal(rng, 4, steps, 2)
    yield case("scan/vmap", "vmap of grad of scan", formula + "; the gradient over u for each of 4 sequences", dict(params=p, xs=b), Later(lambda p, b: dict(grad_u=vmap(grad(rnn_loss), (None, 0))(p, b)["u"]), p, b))
    yield case("scan/checkpoint", "checkpoint", formula + ", each step recomputed backward", dict(params=p, xs=xs), Later(lambda p, xs: dict(
        grad=grad(lambda p: jnp.sum(lax.scan(jax.checkpoint(lambda h, x: (jnp.tanh(p["w"] @ h + p["u"] @ x), None)), p["h0"], xs)[0]))(p)), p, xs), note="loss here: sum h_T")
    x = normal(rng, 4)
    yield case("scan/reverse_cumulative", "scan from the end", "c <- 0.5 c + x_t, from the last x to the first, c0 = 1; ys keep their places", dict(x=x),
               Later(lambda x: dict(zip(("c", "ys"), lax.scan(lambda c, t: (0.5 * c + t,) * 2, 1.0, x, reverse=True))), x))
    nest = lambda a, x=x: lax.scan(lambda s, _: (lax.scan(lambda r, t: (r * jnp.cos(t), None), s + a, x)[0], None), 1.0, None, length=3)[0]
    yield case("scan/nested", "grad of scan of scan", "outer 3 times: s <- s + a, then for each x: s <- s cos x; d/da and second", dict(x=x, a=a), Later(lambda a: dict(value=nest(a), grad=grad(nest)(a), second=grad(grad(nest))(a)), a))
    it = lambda a: lax.fori_loop(0, 7, lambda i, s: jnp.sin(s) * a + 0.01 * i, 0.8)
    yield case("fori/sines", "fori", "7 times, i = 0..6: s <- a sin(s) + 0.01 i, s0 = 0.8", dict(a=c), Later(lambda a: dict(value=it(a), grad=grad(it)(a), second=grad(grad(it))(a)), c), note="i counts from 0 here")
    lim = np.array([3.0, 10.0, 0.1, 50.0])
    start = uniform(rng, 0.3, 1.5, 4)
    yield case("while/growing", "while_loop", "s <- 2s + 0.1 sin s while s < limit", dict(x=start, limit=lim), Later(lambda x, l: dict(value=vmap(growing)(x, l), jvp=vmap(lambda x, l: jvp(lambda x: growing(x, l), (x,), (1.0,))[1])(x, l)), start, lim),
               note="trip counts differ under vmap; JAX refuses reverse mode through while, so only jvp here")
    n = rng.integers(2, 30, 5)
    yield case("while/integers", "while_loop under vmap", "Collatz steps to 1", dict(n=n), Later(lambda n: dict(steps=vmap(collatz)(n)), n))
    f = lambda x: lax.cond(x > 0, lambda x: x ** 3, lambda x: -2 * jnp.sin(x), x)
    x = np.append(normal(rng, 4), 0.0)
    yield case("cond/two_branches", "cond", "x > 0: x^3, else -2 sin x", dict(x=x), Later(lambda x: dict(value=vmap(f)(x), grad=vmap(grad(f))(x), second=vmap(grad(grad(f)))(x), jvp=vmap(lambda x: jvp(f, (x,), (2.0,))[1])(x)), x),
               note="a vmapped cond picks per element")
    g = lambda x: lax.cond(x > 0, jnp.sqrt, lambda x: 0.0 * x, x)
    yield case("cond/guard", "cond", "x > 0: sqrt x, else 0 x; not mapped, so the other branch is not differentiated", dict(x=np.array([4.0, 0.0])), Later(lambda a, b: dict(at_4=grad(g)(a), at_0=grad(g)(b)), 4.0, 0.0))
    s = lambda i, x: lax.switch(i, [jnp.sin, jnp.cos, jnp.tanh], x)
    yield case("cond/switch", "cond chain", "branch 1 sin, 2 cos, 3 tanh", dict(x=d), Later(lambda x: dict(value=jnp.stack([s(i, x) for i in range(3)]), grad=jnp.stack([grad(s, argnums=1)(i, x) for i in range(3)])), d))


# ---- networks ----

def network(p, x):
    return jnp.tanh(x @ p["w1"] + p["b1"]) @ p["w2"] + p["b2"]


def cross_entropy(p, x, label):
    return -jax.nn.log_softmax(network(p, x))[label]


def batch_loss(p, x, labels):
    return jnp.mean(vmap(cross_entropy, (None, 0, 0))(p, x, labels))


def parameters(rng, n, h, m):
    return dict(w1=normal(rng, n, h), b1=normal(rng, h), w2=normal(rng, h, m), b2=normal(rng, m))


def network_cases(rng, variant):
    n, h, m = [(4, 3, 2), (3, 4, 3)][variant % 2]
    p, x = parameters(rng, n, h, m), normal(rng, 5, n)
    y = rng.integers(0, m, 5)
    given = dict(params=p, x=x, labels=y + 1)
    formula = "-logsoftmax(tanh(x w1 + b1) w2 + b2)[label], labels 1..%d" % m
    yield case("network/per_example", "vmap of grad", formula + "; one gradient an example", given, Later(lambda p, x: dict(loss=vmap(cross_entropy, (None, 0, 0))(p, x, y), grad=vmap(grad(cross_entropy), (None, 0, 0))(p, x, y)), p, x))
    yield case("network/batch", "value_and_grad", formula + "; mean over the batch", given, Later(lambda p, x: dict(zip(("loss", "grad"), jax.value_and_grad(batch_loss)(p, x, y))), p, x))
    yield case("network/checkpoint", "checkpoint", formula + "; mean, the network under checkpoint", given, Later(lambda p, x: dict(zip(("loss", "grad"), jax.value_and_grad(
        lambda p: jnp.mean(-vmap(lambda l, t: jax.nn.log_softmax(l)[t])(jax.checkpoint(network)(p, x), y)))(p))), p, x), note="equal to network/batch")
    t = parameters(rng, n, h, m)
    g = lambda x: lambda p: grad(batch_loss)(p, x, y)
    yield case("network/hvp", "jvp of grad", formula + "; the mean's hessian times the tangent", dict(**given, tangent=t), Later(lambda p, x, t: dict(hvp=jvp(g(x), (p,), (t,))[1]), p, x, t))

    def reverse_hvp(p, x, t):
        dot = lambda a, b: sum(jnp.sum(u * v) for u, v in zip(jax.tree_util.tree_leaves(a), jax.tree_util.tree_leaves(b)))
        return dict(hvp=grad(lambda p: dot(g(x)(p), t))(p))
    yield case("network/hvp_reverse", "grad of grad", formula + "; the same by reverse over reverse", dict(**given, tangent=t), Later(reverse_hvp, p, x, t), note="equal to network/hvp")
    q = parameters(rng, 2, 2, 2)
    x2, y2 = normal(rng, 3, 2), rng.integers(0, 2, 3)
    yield case("network/hessian", "hessian", "-logsoftmax(tanh(x w1 + b1) w2 + b2)[label], mean; 2-2-2 network, all blocks [row][column]", dict(params=q, x=x2, labels=y2 + 1), Later(lambda p, x: dict(hessian=hessian(batch_loss)(p, x, y2)), q, x2))
    yield case("network/jacobian_inputs", "vmap of jacobian", "d network / d x for each example", dict(params=p, x=x), Later(lambda p, x: dict(jacobian=vmap(jacrev(network, argnums=1), (None, 0))(p, x)), p, x))
    yield case("network/sgd_steps", "grad in a loop", formula + "; 10 steps of p - 0.5 grad", given, Later(partial(train, y), p, x))


def train(y, p, x):
    def step(p, _):
        loss, g = jax.value_and_grad(batch_loss)(p, x, y)
        return jax.tree_util.tree_map(lambda a, b: a - 0.5 * b, p, g), loss
    p, losses = lax.scan(step, p, None, length=10)
    return dict(params=p, losses=losses)


def cases(variant):
    rng = np.random.default_rng([66, variant])
    yield from custom_cases(rng)
    yield from control_cases(rng, variant)
    yield from network_cases(rng, variant)


# ---- checks ----

def numpy_loss(p, x, y):
    l = np.tanh(x @ p["w1"] + p["b1"]) @ p["w2"] + p["b2"]
    l = l - l.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(l).sum(axis=1)) - l[np.arange(len(y)), y])


def differences(f, p):
    """Central differences over a dictionary of arrays."""
    out = {}
    for k, v in p.items():
        out[k] = np.zeros(np.shape(v))
        for i in np.ndindex(*np.shape(v)):
            up, down = ({**p, k: np.array(v, float)} for _ in range(2))
            up[k][i] += 1e-6
            down[k][i] -= 1e-6
            out[k][i] = (f(up) - f(down)) / 2e-6
    return out


def numpy_rnn(p, xs):
    h, total = p["h0"], 0.0
    for t, x in enumerate(xs):
        h = np.tanh(p["w"] @ h + p["u"] @ x)
        total += (t + 1) * np.sum(h ** 2)
    return np.sum(h) + total


def same(a, b, tol=1e-7):
    return all(np.allclose(a[k], b[k], rtol=tol, atol=tol) for k in a)


def check(all_cases):
    by = {c["name"]: c for c in all_cases}
    c, x = by["network/batch"], None
    i, y = c["inp"], c["inp"]["labels"] - 1
    ok = dict(network=same(c["out"]["grad"], differences(lambda p: numpy_loss(p, i["x"], y), i["params"])))
    ok["per_example"] = same({k: v.mean(axis=0) for k, v in by["network/per_example"]["out"]["grad"].items()}, c["out"]["grad"], 1e-12)
    ok["checkpoint"] = same(by["network/checkpoint"]["out"]["grad"], c["out"]["grad"], 1e-12)
    ok["hvp"] = same(by["network/hvp"]["out"]["hvp"], by["network/hvp_reverse"]["out"]["hvp"], 1e-12)
    c = by["scan/rnn"]
    ok["rnn"] = same(c["out"]["grad"], differences(lambda p: numpy_rnn(p, c["inp"]["xs"]), c["inp"]["params"]))
    x = by["custom_vjp/sin_lie"]["inp"]["x"]
    ok["sin_lie"] = np.allclose(by["custom_vjp/sin_lie"]["out"]["grad"], 2 * np.cos(x))
    ok["square_lie"] = np.allclose(by["custom_jvp/square_lie"]["out"]["third"], 6) and np.allclose(by["custom_jvp/square_lie"]["out"]["grad"], 3 * x ** 2)
    ok["newton"] = np.allclose(by["custom_vjp/newton_sqrt"]["out"]["second"], -0.25 * by["custom_vjp/newton_sqrt"]["inp"]["a"] ** -1.5)
    s = by["custom_vjp/straight_through"]["out"]
    ok["straight_through"] = np.allclose(s["grad"], s["by_stop"]) and np.allclose(s["second_self"], 6 * np.round(x))
    s = by["custom_vjp/sin_lie"]["out"]
    ok["self"] = np.allclose(np.diag(s["hessian"]), 3 * np.cos(x) - 2 * x * np.sin(x)) and np.allclose(np.diag(s["hessian_self"]), 4 * np.cos(x) - 2 * x * np.sin(x))
    print("nested: finite differences of NumPy versions, closed forms, equalities:", ok)
    return all(ok.values())
