"""What the peers' scripts share: MNIST's files, rounds, and the protocol.

A script reads names of works from its input, a line each, runs one round,
and answers with the seconds of one unit, or with `error TEXT`.
"""
import sys
import time

BATCH, STEPS = 200, 250
MEAN, STD = 0.1307, 0.3081
RATE = {"sgd": 0.01, "adam": 0.001}
SIZES = {"512": (784, 512, 512, 10), "128": (784, 128, 10)}
ROUND = 0.05  # seconds at least that a round of small steps takes


def mnist(folder):
    """The first 50,000 training images (50000, 784) and labels, as bytes."""
    import numpy

    def idx(name, head):
        with open(folder + "/" + name, "rb") as f:
            return numpy.frombuffer(f.read(), numpy.uint8, offset=head)

    n = BATCH * STEPS
    images = idx("train-images-idx3-ubyte", 16).reshape(-1, 784)
    return images[:n].copy(), idx("train-labels-idx1-ubyte", 8)[:n].copy()


def repeated(f, n=1):
    """f(n) takes n steps; returns a function that measures one round."""
    def spent():
        start = time.perf_counter()
        f(n)
        return time.perf_counter() - start

    spent()
    while spent() < ROUND and n < 1e7:
        n *= 2
    return lambda: spent() / n


def single(f):
    def steps(n):
        for _ in range(n):
            f()
    return repeated(steps)


def serve(makers):
    """Answers until the input ends; makers: first word -> function of the
    others that returns a function that measures one round."""
    ready = {}
    for line in sys.stdin:
        line = line.strip()
        if line == "quit":
            break
        try:
            if line not in ready:
                words = line.split()
                ready[line] = makers[words[0]](*words[1:])
            answer = ready[line]()
            text = answer if isinstance(answer, str) else "%.9g" % answer
        except Exception as e:  # one work that fails leaves the others
            text = "error %s: %s" % (type(e).__name__, e)
            text = " ".join(text.split())[:200]
        print(text, flush=True)
