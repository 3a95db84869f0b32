"""PyTorch's versions of the works.

    pytorch.py DATA THREADS [STEPS]
"""
import math
import sys
import time

import torch
import torch.nn.functional as F

import common
import torch_research as research

DATA, THREADS = sys.argv[1], int(sys.argv[2])
LIMIT = int(sys.argv[3]) if len(sys.argv) > 3 else common.STEPS
torch.set_num_threads(THREADS)
torch.manual_seed(1)


# ---- epochs ----

def network(name):
    sizes, layers = common.SIZES[name], []
    for i in range(len(sizes) - 1):
        if i > 0:
            layers.append(torch.nn.ReLU())
        layers.append(torch.nn.Linear(sizes[i], sizes[i + 1]))
    return torch.nn.Sequential(*layers)


_data = []


def dataset():
    if not _data:
        x, y = common.mnist(DATA)
        _data.extend((torch.from_numpy(x), torch.from_numpy(y).long()))
    return _data


def byte_batches():
    """bytes kept; each batch gathered and normalised"""
    x, y = dataset()
    for at in torch.randperm(len(y)).split(common.BATCH):
        yield (x[at].float().mul_(1 / 255 / common.STD)
               .sub_(common.MEAN / common.STD), y[at])


_floats = []


def float_batches():
    """normalised before the clock starts; each batch gathered"""
    x, y = dataset()
    if not _floats:
        _floats.append((x.float() / 255 - common.MEAN) / common.STD)
    for at in torch.randperm(len(y)).split(common.BATCH):
        yield _floats[0][at], y[at]


def epoch(name, rule, idiom):
    """idiom: bytes, floats (the loader); compiled (bytes, torch.compile)"""
    net = network(name)
    kind = torch.optim.SGD if rule == "sgd" else torch.optim.Adam
    opt = kind(net.parameters(), lr=common.RATE[rule], fused=True)
    batches = float_batches if idiom == "floats" else byte_batches
    for _ in batches():
        break

    def loss_of(x, y):
        return F.cross_entropy(net(x), y)

    if idiom == "compiled":
        loss_of = torch.compile(loss_of)

    def run(steps):
        start = time.perf_counter()
        for k, (x, y) in enumerate(batches()):
            opt.zero_grad(set_to_none=True)
            loss_of(x, y).backward()
            opt.step()
            if k + 1 == steps:
                break
        return (time.perf_counter() - start) * common.STEPS / steps

    run(3)
    return lambda: run(LIMIT)


def infer(name, batch, idiom):
    net, x = network(name).eval(), torch.randn(int(batch), 784)
    if idiom == "frozen":
        with torch.no_grad():
            traced = torch.jit.freeze(torch.jit.trace(net, x))
            net = torch.jit.optimize_for_inference(traced)

    def steps(n):
        with torch.inference_mode():
            for _ in range(n):
                net(x)
    return common.repeated(steps)


# ---- small steps ----

def leaves(*shapes):
    return [(torch.randn(*s) * 0.05).requires_grad_() for s in shapes]


def descent(params, loss, rate):
    """n steps with autograd.grad and one update of all parameters"""
    def steps(n):
        for _ in range(n):
            grads = torch.autograd.grad(loss(), params)
            with torch.no_grad():
                torch._foreach_add_(params, grads, alpha=-rate)
    return common.repeated(steps)


def denoise(idiom):
    clean = torch.cos(torch.linspace(0, 2 * math.pi, 200))
    w, v, b = params = leaves((10, 200), (200, 10), (10,))

    def loss():
        x = clean + 0.1 * torch.randn(200)
        out = v @ torch.sigmoid(torch.addmv(b, w, x))
        return 0.5 * (clean - out).square().sum()

    def by_hand(n):
        with torch.no_grad():
            for _ in range(n):
                x = torch.randn(200).mul_(0.1).add_(clean)
                h = torch.addmv(b, w, x).sigmoid_()
                e = torch.mv(v, h).sub_(clean)
                d = torch.mv(v.t(), e).mul_(h).mul_(1 - h)
                v.addr_(e, h, alpha=-1e-3)
                w.addr_(d, x, alpha=-1e-3)
                b.add_(d, alpha=-1e-3)

    if idiom == "hand":
        return common.repeated(by_hand)
    return descent(params, loss, 1e-3)


def mlp(sizes):
    shapes = []
    for i in range(len(sizes) - 1):
        shapes += [(sizes[i + 1], sizes[i]), (sizes[i + 1],)]
    params = leaves(*shapes)

    def forward(x):
        for i in range(0, len(params), 2):
            x = F.linear(x if i == 0 else F.relu(x), params[i], params[i + 1])
        return x
    return params, forward


def regression(idiom):
    x, y = torch.randn(128, 3), torch.randn(128, 6)
    params, forward = mlp((3, 5, 6))
    return descent(params, lambda: (forward(x) - y).square().mean(), 1e-2)


def classifier(idiom):
    params, forward = mlp((36, 12, 12, 1))

    def loss():
        x, y = torch.randn(8, 36), torch.randint(0, 2, (8,)).float()
        f = forward(x)[:, 0]
        return (f * (1 - 2 * y)).sum() + 0.01 * f.square().sum()
    return descent(params, loss, 1e-2)


def polynom(rows, columns, idiom):
    def formula(x, y):
        a = x + 1
        b = y[:, 1] ** 2
        return x ** 2 + x[:1] * a + y + x + y ** 3 + a * b[:, None]

    def fewer(x, y):
        a = x + 1
        out = torch.addcmul(y, x, x).add_(x).addcmul_(x[:1], a)
        out.addcmul_(a, y[:, 1].square().unsqueeze(1))
        return out.addcmul_(y * y, y)

    x = torch.randn(int(rows), int(columns))
    y = torch.randn(int(rows), int(columns))
    f = {"eager": formula, "inplace": fewer}.get(idiom)
    if f is None:
        f = torch.compile(formula)

    def steps(n):
        with torch.inference_mode(idiom != "compiled"), torch.no_grad():
            for _ in range(n):
                f(x, y)
    return common.repeated(steps)


def add(idiom):
    x, y = torch.rand(8), torch.rand(8)

    def steps(n):
        with torch.inference_mode(idiom == "inference"):
            for _ in range(n):
                x + y
    return common.repeated(steps)


def recorded():
    x, y = torch.rand(8, requires_grad=True), torch.rand(8)

    def steps(n):
        for _ in range(0, n, 100):
            z = x
            for _ in range(100):
                z = z + y
    return common.repeated(steps, 100)


def gradient(idiom):
    x = torch.rand(3, requires_grad=True)
    return common.single(
        lambda: torch.autograd.grad(x.square().sum(), x))


def version():
    cpu = torch.backends.cpu.get_cpu_capability()
    blas = "MKL" if torch.backends.mkl.is_available() else "no MKL"
    return lambda: "PyTorch %s, %s, %s" % (torch.__version__, blas, cpu)


makers = {f.__name__: f for f in (
    epoch, infer, denoise, regression, classifier, polynom, add, recorded,
    gradient, version, research.kaf, research.ternary_layer,
    research.lagrangian, research.hopfield)}
makers["ternary_epoch"] = research.ternary_epoch(byte_batches, LIMIT)
common.serve(makers)
