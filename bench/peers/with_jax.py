"""JAX's versions of the works.

    with_jax.py DATA THREADS [STEPS]

Started with its processor affinity already set to as many cores.
"""
import math
import os
import sys
import time

DATA, THREADS = sys.argv[1], int(sys.argv[2])
if THREADS == 1:
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
os.environ["JAX_PLATFORMS"] = "cpu"

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy  # noqa: E402
import optax  # noqa: E402

import common  # noqa: E402
import jax_research as research  # noqa: E402

LIMIT = int(sys.argv[3]) if len(sys.argv) > 3 else common.STEPS
wait = jax.block_until_ready
KEY = jax.random.key(1)


def dense(key, n_in, n_out):
    w = jax.random.normal(key, (n_in, n_out)) / math.sqrt(n_in)
    return {"w": w, "b": jnp.zeros(n_out)}


def mlp_params(sizes):
    keys = jax.random.split(KEY, len(sizes))
    return [dense(k, a, b) for k, a, b in zip(keys, sizes, sizes[1:])]


def mlp(params, x):
    for i, p in enumerate(params):
        x = x @ p["w"] + p["b"]
        if i + 1 < len(params):
            x = jax.nn.relu(x)
    return x


# ---- epochs ----

_data = []


def dataset():
    if not _data:
        _data.extend(map(jnp.asarray, common.mnist(DATA)))
    return _data


def training(name, rule):
    """params, optimizer state, and step((params, state), indices)"""
    x_all, y_all = dataset()
    kind = optax.sgd if rule == "sgd" else optax.adam
    opt = kind(common.RATE[rule])

    def loss(params, x, y):
        logp = jax.nn.log_softmax(mlp(params, x))
        return -jnp.take_along_axis(logp, y[:, None], 1).mean()

    def step(carry, at):
        params, state = carry
        x = (x_all[at].astype(jnp.float32) / 255 - common.MEAN) / common.STD
        y = y_all[at].astype(jnp.int32)
        value, grads = jax.value_and_grad(loss)(params, x, y)
        updates, state = opt.update(grads, state, params)
        return (optax.apply_updates(params, updates), state), value

    params = mlp_params(common.SIZES[name])
    return (params, opt.init(params)), step


def epoch(name, rule, idiom):
    """idiom: step (one jitted step a batch) or scan (the epoch in one)"""
    carry, step = training(name, rule)
    count = len(dataset()[1])
    key = [KEY]

    def order(key):
        rows = jax.random.permutation(key, count)
        return rows.reshape(-1, common.BATCH)[:LIMIT]

    one = jax.jit(step, donate_argnums=0)
    whole = jax.jit(lambda c, k: jax.lax.scan(step, c, order(k)),
                    donate_argnums=0)

    def run(steps):
        nonlocal carry
        key[0], sub = jax.random.split(key[0])
        start = time.perf_counter()
        if idiom == "scan":
            carry, _ = whole(carry, sub)
        else:
            rows = numpy.random.permutation(count).astype(numpy.int32)
            for at in rows.reshape(-1, common.BATCH)[:steps]:
                carry, _ = one(carry, at)
        wait(carry)
        return (time.perf_counter() - start) * common.STEPS / steps

    run(LIMIT if idiom == "scan" else 3)
    return lambda: run(LIMIT)


def compile():
    """capture and compile of the Adam step of the larger network"""
    def run():
        carry, step = training("512", "adam")
        at = jnp.arange(common.BATCH)
        wait(at)
        jitted, times = jax.jit(lambda c, i: step(c, i)), []
        for _ in range(2):
            start = time.perf_counter()
            wait(jitted(carry, at))
            times.append(time.perf_counter() - start)
        return times[0] - times[1]
    return run


def infer(name, batch):
    params = mlp_params(common.SIZES[name])
    x = jax.random.normal(KEY, (int(batch), 784))
    f = jax.jit(mlp)
    return common.single(lambda: wait(f(params, x)))


# ---- small steps ----

def loops(step, params, idiom):
    """step(params, key) -> params; idiom: eager, step, scan (1000 at once)"""
    state = [params, KEY]

    def keyed(carry, _=None):
        p, key = carry
        key, sub = jax.random.split(key)
        return (step(p, sub), key), None

    if idiom == "scan":
        f = jax.jit(lambda c: jax.lax.scan(keyed, c, length=1000)[0])

        def steps(n):
            for _ in range(0, n, 1000):
                state[:] = f(tuple(state))
            wait(state)
        return common.repeated(steps, 1000)

    f = keyed if idiom == "eager" else jax.jit(keyed)

    def steps(n):
        for _ in range(n):
            state[:], _ = f(tuple(state))
        wait(state)
    return common.repeated(steps)


def descent(loss, rate):
    def step(params, key):
        grads = jax.grad(loss)(params, key)
        return jax.tree.map(lambda p, g: p - rate * g, params, grads)
    return step


def denoise(idiom):
    clean = jnp.cos(jnp.linspace(0, 2 * math.pi, 200))
    a, b = jax.random.split(KEY)
    params = (jax.random.normal(a, (10, 200)) * 0.05,
              jax.random.normal(b, (200, 10)) * 0.05, jnp.zeros(10))

    def loss(p, key):
        x = clean + 0.1 * jax.random.normal(key, (200,))
        out = p[1] @ jax.nn.sigmoid(p[0] @ x + p[2])
        return 0.5 * jnp.square(clean - out).sum()
    return loops(descent(loss, 1e-3), params, idiom)


def regression(idiom):
    x = jax.random.normal(KEY, (128, 3))
    y = jax.random.normal(jax.random.fold_in(KEY, 1), (128, 6))
    step = descent(lambda p, _: jnp.square(mlp(p, x) - y).mean(), 1e-2)
    return loops(step, mlp_params((3, 5, 6)), idiom)


def classifier(idiom):
    def loss(p, key):
        a, b = jax.random.split(key)
        x = jax.random.normal(a, (8, 36))
        y = jax.random.bernoulli(b, 0.5, (8,)).astype(jnp.float32)
        f = mlp(p, x)[:, 0]
        return (f * (1 - 2 * y)).sum() + 0.01 * jnp.square(f).sum()
    return loops(descent(loss, 1e-2), mlp_params((36, 12, 12, 1)), idiom)


def polynom(rows, columns, idiom):
    def f(x, y):
        a = x + 1
        b = y[:, 1] ** 2
        return x ** 2 + x[0] * a + y + x + y ** 3 + a * b[:, None]

    x = jax.random.normal(KEY, (int(rows), int(columns)))
    y = jax.random.normal(jax.random.fold_in(KEY, 1), x.shape)
    if idiom == "jit":
        f = jax.jit(f)
    return common.single(lambda: wait(f(x, y)))


def add():
    x = jax.random.uniform(KEY, (8,))
    return common.single(lambda: wait(x + x))


def gradient(idiom):
    f = jax.grad(lambda x: jnp.square(x).sum())
    if idiom == "jit":
        f = jax.jit(f)
    x = jnp.ones(3)
    return common.single(lambda: wait(f(x)))


def version():
    return lambda: "JAX %s, XLA's CPU backend" % jax.__version__


makers = {f.__name__: f for f in (
    epoch, compile, infer, denoise, regression, classifier, polynom, add,
    gradient, version, research.kaf, research.ternary_layer,
    research.lagrangian, research.hopfield)}
makers["ternary_epoch"] = research.ternary_epoch(dataset, LIMIT)
common.serve(makers)
