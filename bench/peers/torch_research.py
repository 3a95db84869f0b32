"""PyTorch's versions of the research works: kernel activation functions,
ternary states, Lagrangians, a Hopfield network's descent.
"""
import math
import time

import torch
import torch.nn.functional as F

import common

# ---- kernel activation functions ----

D, BOUNDARY = 20, 3.0
STEP = 2 * BOUNDARY / (D - 1)
SIGMA = 2 * STEP
CENTRES = torch.linspace(-BOUNDARY, BOUNDARY, D)
MIDDLE = D // 2
FIXED = torch.exp(-0.5 * ((CENTRES - CENTRES[MIDDLE]) / SIGMA) ** 2)


def published(x, alpha):
    z = (x.unsqueeze(-1) - CENTRES) / SIGMA
    return (alpha * torch.exp(-0.5 * z * z)).sum(-1)


class Recurrence(torch.autograd.Function):
    """two exponentials instead of D (see jax_research.polynomials)"""

    @staticmethod
    def forward(ctx, x, alpha):
        u = (x - CENTRES[MIDDLE]).clamp_(-20 * STEP, 20 * STEP)
        near = (u * u).mul_(-0.5 / SIGMA ** 2).exp_()
        r = (u * (STEP / SIGMA ** 2)).exp_()
        back, w = r.reciprocal(), (alpha * FIXED).t().contiguous()
        up, down = w[D - 1].expand_as(x).clone(), w[0].expand_as(x).clone()
        dup, ddown = torch.zeros_like(x), torch.zeros_like(x)
        for d in range(D - 2, MIDDLE - 1, -1):
            dup.mul_(r).add_(up)
            up.mul_(r).add_(w[d])
        for d in range(1, MIDDLE):
            ddown.mul_(back).add_(down)
            down.mul_(back).add_(w[d])
        ddown.mul_(back).add_(down).mul_(back)
        y = down.mul_(back).add_(up).mul_(near)
        dy = dup.mul_(r).sub_(ddown).mul_(near).mul_(STEP).addcmul_(
            u, y, value=-1).div_(SIGMA ** 2)
        ctx.save_for_backward(dy, near, r, back)
        return y

    @staticmethod
    def backward(ctx, g):
        dy, near, r, back = ctx.saved_tensors
        sums = torch.empty(D, g.shape[1])
        t = g * near
        low = t * back
        for d in range(MIDDLE, D):
            torch.sum(t, 0, out=sums[d])
            t.mul_(r)
        for d in range(MIDDLE - 1, -1, -1):
            torch.sum(low, 0, out=sums[d])
            low.mul_(back)
        return g * dy, sums.t() * FIXED


KAFS = {"published": published, "hand": Recurrence.apply}

# ---- ternary states ----

NOISE, LOW, HIGH = 0.5, -0.5, 0.5


class Ternary(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        v = torch.randn_like(x).mul_(NOISE).add_(x)
        return (v > HIGH).to(x.dtype).sub_((v < LOW).to(x.dtype))

    @staticmethod
    def backward(ctx, g):
        x, = ctx.saved_tensors
        e = (x - HIGH).square_().mul_(-0.5 / NOISE ** 2).exp_()
        e.add_((x - LOW).square_().mul_(-0.5 / NOISE ** 2).exp_())
        return e.mul_(g).mul_(1 / (NOISE * math.sqrt(2 * math.pi)))


# ---- layers and steps ----

SIZES = common.SIZES["512"]


def layer(f, *extra):
    x = torch.randn(200, 512, requires_grad=True)
    g, inputs = torch.ones(200, 512), [x, *extra]
    return common.single(
        lambda: torch.autograd.grad(f(x, *extra), inputs, g))


class Net(torch.nn.Module):
    def __init__(self, act, with_alpha):
        super().__init__()
        self.act = act
        self.layers = torch.nn.ModuleList(
            torch.nn.Linear(a, b) for a, b in zip(SIZES, SIZES[1:]))
        self.alpha = torch.nn.ParameterList(
            torch.nn.Parameter(0.3 * torch.randn(b, D)) for b in SIZES[1:-1]
        ) if with_alpha else None

    def forward(self, x):
        for i, f in enumerate(self.layers[:-1]):
            x = f(x)
            x = self.act(x, self.alpha[i]) if self.alpha else self.act(x)
        return self.layers[-1](x)


def trainer(act, with_alpha):
    net = Net(act, with_alpha)
    opt = torch.optim.SGD(net.parameters(), lr=0.01, fused=True)

    def step(x, y):
        opt.zero_grad(set_to_none=True)
        F.cross_entropy(net(x), y).backward()
        opt.step()
    return step


def kaf(form, what):
    f = KAFS[form]
    if what == "layer":
        return layer(f, (0.3 * torch.randn(512, D)).requires_grad_())
    step = trainer(f, True)
    x = torch.randn(common.BATCH, 784)
    y = torch.arange(common.BATCH) % 10
    return common.single(lambda: step(x, y))


def ternary_layer():
    return layer(Ternary.apply)


def ternary_epoch(batches, limit):
    def make():
        step = trainer(Ternary.apply, False)

        def run(steps):
            start = time.perf_counter()
            for k, (x, y) in enumerate(batches()):
                step(x, y)
                if k + 1 == steps:
                    break
            return (time.perf_counter() - start) * common.STEPS / steps
        run(3)
        return lambda: run(limit)
    return make


# ---- Lagrangians ----

LAGRANGIANS = {
    "sigmoid": lambda x: F.softplus(x).sum(),
    "tanh": lambda x: (torch.logaddexp(x, -x) - math.log(2)).sum(),
    "softmax": lambda x: x.logsumexp(-1).sum(),
    "exp": lambda x: x.exp().sum(),
    "repu": lambda x: x.relu().pow(3).sum() / 3,
}


def lagrangian(name):
    f, x = LAGRANGIANS[name], torch.randn(1024, 1024, requires_grad=True)

    def both():
        value = f(x)
        return value, torch.autograd.grad(value, x)
    return common.single(both)


# ---- Hopfield ----

def hopfield(idiom):
    w, s = 0.05 * torch.randn(784, 1000), torch.randn(64, 784)

    def energy(s):
        return 0.5 * s.square().sum() - (torch.tanh(s) @ w).logsumexp(-1).sum()

    def step(s):
        if idiom == "hand":
            t = torch.tanh(s)
            p = torch.softmax(t @ w, -1) @ w.t()
            return s - 0.1 * (s - (1 - t * t) * p)
        s = s.detach().requires_grad_()
        return s - 0.1 * torch.autograd.grad(energy(s), s)[0]

    def steps(n):
        for _ in range(n):
            v = s
            for _ in range(100):
                v = step(v)
    return common.repeated(steps)
