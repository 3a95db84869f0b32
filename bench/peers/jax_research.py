"""JAX's versions of the research works: kernel activation functions, ternary
states, Lagrangians, a Hopfield network's descent.

The forms are those that people publish, and the best that we know by hand.
"""
import math
import time

import jax
import jax.numpy as jnp
import numpy

import common

wait = jax.block_until_ready
KEY = jax.random.key(2)

# ---- kernel activation functions: D gaussians at equispaced centres ----

D, BOUNDARY = 20, 3.0
STEP = 2 * BOUNDARY / (D - 1)
SIGMA = 2 * STEP
CENTRES = numpy.linspace(-BOUNDARY, BOUNDARY, D).astype(numpy.float32)
MIDDLE = D // 2
# the part of each gaussian that does not depend on x, see polynomials()
FIXED = numpy.exp(-0.5 * ((CENTRES - CENTRES[MIDDLE]) / SIGMA) ** 2)


def published(x, alpha):
    """the formula: an array [N, H, D]"""
    z = (x[..., None] - CENTRES) / SIGMA
    return (alpha * jnp.exp(-0.5 * z * z)).sum(-1)


def unrolled(x, alpha):
    """one term after the other, so that XLA fuses them"""
    y = jnp.zeros_like(x)
    for d in range(D):
        z = (x - CENTRES[d]) / SIGMA
        y += alpha[:, d] * jnp.exp(-0.5 * z * z)
    return y


def polynomials(x, alpha):
    """Two exponentials instead of D: a gaussian that is j steps from the
    middle one is near r^j FIXED, so the sum is a polynomial in r and one in
    1 / r.  Returns the values, their derivatives, near and r."""
    u = jnp.clip(x - CENTRES[MIDDLE], -20 * STEP, 20 * STEP)
    near = jnp.exp(-0.5 * (u / SIGMA) ** 2)
    r = jnp.exp(u * (STEP / SIGMA ** 2))
    back, w = 1 / r, alpha * FIXED
    up, down = w[:, D - 1] + 0 * x, w[:, 0] + 0 * x
    dup, ddown = 0 * x, 0 * x
    for d in range(D - 2, MIDDLE - 1, -1):
        dup = dup * r + up
        up = up * r + w[:, d]
    for d in range(1, MIDDLE):
        ddown = ddown * back + down
        down = down * back + w[:, d]
    ddown = ddown * back + down  # of back * down
    y = near * (up + back * down)
    dy = STEP * near * (r * dup - back * ddown) - u * y
    return y, dy / SIGMA ** 2, near, r


@jax.custom_vjp
def by_hand(x, alpha):
    return polynomials(x, alpha)[0]


def by_hand_forward(x, alpha):
    y, *saved = polynomials(x, alpha)
    return y, saved


def by_hand_backward(saved, g):
    dy, near, r = saved
    sums, back = [None] * D, 1 / r
    t = g * near
    for d in range(MIDDLE, D):
        sums[d] = t.sum(0)
        t = t * r
    t = g * near * back
    for d in range(MIDDLE - 1, -1, -1):
        sums[d] = t.sum(0)
        t = t * back
    return g * dy, jnp.stack(sums, 1) * FIXED


by_hand.defvjp(by_hand_forward, by_hand_backward)
KAFS = {"published": published, "remat": jax.checkpoint(published),
        "unrolled": unrolled, "hand": by_hand}

# ---- ternary states ----

NOISE, LOW, HIGH = 0.5, -0.5, 0.5


@jax.custom_vjp
def ternary(x, key):
    v = x + NOISE * jax.random.normal(key, x.shape)
    return (v > HIGH).astype(x.dtype) - (v < LOW).astype(x.dtype)


def ternary_backward(x, g):
    def density(u):
        return jnp.exp(-0.5 * (u / NOISE) ** 2)
    scale = 1 / (NOISE * math.sqrt(2 * math.pi))
    return g * (density(x - HIGH) + density(x - LOW)) * scale, None


ternary.defvjp(lambda x, key: (ternary(x, key), x), ternary_backward)

# ---- layers and steps of the network 784-512-512-10 ----

SIZES = common.SIZES["512"]


def layer(f, extra):
    """value and gradients of an activation on 200 x 512"""
    x = jax.random.normal(KEY, (200, 512))
    g = jnp.ones_like(x)

    @jax.jit
    def both(x, extra):
        if jnp.issubdtype(extra.dtype, jax.dtypes.prng_key):
            y, pull = jax.vjp(lambda v: f(v, extra), x)
        else:
            y, pull = jax.vjp(f, x, extra)
        return y, pull(g)
    return common.single(lambda: wait(both(x, extra)))


def parameters(with_alpha):
    params = []
    for i, (a, b) in enumerate(zip(SIZES, SIZES[1:])):
        k = jax.random.fold_in(KEY, i)
        p = {"w": jax.random.normal(k, (a, b)) / math.sqrt(a),
             "b": jnp.zeros(b)}
        if with_alpha and b != SIZES[-1]:
            p["alpha"] = 0.3 * jax.random.normal(k, (b, D))
        params.append(p)
    return params


def sgd(act):
    """a step; act(x, parameters of the layer, key)"""
    def loss(params, x, y, key):
        for i, p in enumerate(params):
            x = x @ p["w"] + p["b"]
            if i + 1 < len(params):
                x = act(x, p, jax.random.fold_in(key, i))
        logp = jax.nn.log_softmax(x)
        return -jnp.take_along_axis(logp, y[:, None], 1).mean()

    def step(params, x, y, key):
        value, grads = jax.value_and_grad(loss)(params, x, y, key)
        return jax.tree.map(lambda p, g: p - 0.01 * g, params, grads), value
    return step


def repeated_step(act, with_alpha):
    step = jax.jit(sgd(act), donate_argnums=0)
    params = [parameters(with_alpha)]
    x = jax.random.normal(KEY, (common.BATCH, 784))
    y = jnp.arange(common.BATCH) % 10

    def steps(n):
        for _ in range(n):
            params[0], _ = step(params[0], x, y, KEY)
        wait(params[0])
    return common.repeated(steps)


def kaf(form, what):
    f = KAFS[form]
    if what == "layer":
        return layer(f, 0.3 * jax.random.normal(KEY, (512, D)))
    return repeated_step(lambda x, p, key: f(x, p["alpha"]), True)


def ternary_layer(kind):
    return layer(ternary, jax.random.key(3, impl=kind))


def ternary_epoch(dataset, limit):
    """an epoch as with_jax.epoch, the activation ternary"""
    def make(kind):
        xs, ys = dataset()
        plain = sgd(lambda x, p, key: ternary(x, key))

        def one(params, at, key):
            key, sub = jax.random.split(key)
            x = xs[at].astype(jnp.float32) / 255
            x = (x - common.MEAN) / common.STD
            params, value = plain(params, x, ys[at].astype(jnp.int32), sub)
            return params, key, value
        step = jax.jit(one, donate_argnums=(0, 2))
        state = [parameters(False), jax.random.key(4, impl=kind)]

        def run(steps):
            start = time.perf_counter()
            rows = numpy.random.permutation(len(ys)).astype(numpy.int32)
            for at in rows.reshape(-1, common.BATCH)[:steps]:
                state[0], state[1], _ = step(state[0], at, state[1])
            wait(state[0])
            return (time.perf_counter() - start) * common.STEPS / steps
        run(3)
        return lambda: run(limit)
    return make


# ---- Lagrangians: value and gradient on 1024 x 1024 ----

def with_slope(f, slope):
    """f, whose derivative is given: as the published modules have it"""
    f = jax.custom_jvp(f)
    f.defjvp(lambda p, t: (f(*p), slope(*p) * t[0]))
    return f


log_cosh = with_slope(lambda x: jnp.log(jnp.cosh(x)), jnp.tanh)
log1p_exp = with_slope(lambda x: jnp.log(1 + jnp.exp(x)),
                       lambda x: 1 / (1 + jnp.exp(-x)))
LAGRANGIANS = {
    "sigmoid": lambda x: log1p_exp(x).sum(),
    "sigmoid-stable": lambda x: jax.nn.softplus(x).sum(),
    "tanh": lambda x: log_cosh(x).sum(),
    "tanh-stable": lambda x: (jnp.logaddexp(x, -x) - math.log(2)).sum(),
    "softmax": lambda x: jax.nn.logsumexp(x, axis=-1).sum(),
    "exp": lambda x: jnp.exp(x).sum(),
    "repu": lambda x: (jnp.maximum(x, 0) ** 3).sum() / 3,
}


def lagrangian(name):
    f = jax.jit(jax.value_and_grad(LAGRANGIANS[name]))
    x = jax.random.normal(KEY, (1024, 1024))
    return common.single(lambda: wait(f(x)))


# ---- Hopfield: 100 steps of a descent of 64 states of 784 neurons ----

def hopfield(idiom):
    w = 0.05 * jax.random.normal(KEY, (784, 1000))
    s = jax.random.normal(jax.random.fold_in(KEY, 1), (64, 784))

    def energy(s, w):
        return 0.5 * (s * s).sum() - jax.nn.logsumexp(jnp.tanh(s) @ w)

    def step(s, w):
        return s - 0.1 * jax.vmap(jax.grad(energy), (0, None))(s, w)

    def by_hand(s, w):
        t = jnp.tanh(s)
        return s - 0.1 * (s - (1 - t * t) * (jax.nn.softmax(t @ w) @ w.T))

    one = jax.jit(by_hand if idiom == "hand" else step)
    whole = jax.jit(lambda s, w: jax.lax.scan(
        lambda c, _: (step(c, w), None), s, length=100)[0])

    def steps(n):
        for _ in range(n):
            v = s
            if idiom == "scan":
                v = whole(v, w)
            else:
                for _ in range(100):
                    v = one(v, w)
            wait(v)
    return common.repeated(steps)
