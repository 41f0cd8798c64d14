# Writes golden.json beside it: what Python says of random spans, by other means than the package: roots by scipy's brentq,
# betas by its betaln, and bounds by a scan over a fine grid. Run it after a change of the bets only.
import json, pathlib, random
from math import log
from scipy.optimize import brentq
from scipy.special import betaln, logsumexp

CAUTION = 12


def nearest(theta1, theta0, d, w1, w0):
    slope = lambda p: w1 * (p + d - theta1) / ((p + d) * (1 - p - d)) + w0 * (p - theta0) / (p * (1 - p))
    low, high = max(0, -d), min(1, 1 - d)
    margin = (high - low) * 1e-13
    p = brentq(slope, low + margin, high - margin, xtol=1e-15, rtol=1e-14)
    return p + d, p


def log_against(spans, d):
    N1 = N0 = K = told = 0
    weighted = weight = total = 0.0
    for n1, k1, n0, k0 in spans:
        if not n1 or not n0:
            continue
        if told:
            D, mean = weighted / weight, (K + 0.5) / (N1 + N0 + 1)
            within = lambda s, n: min(1 - 0.5 / (n + 1), max(0.5 / (n + 1), s))
            s1, s0 = within(mean + D * N0 / (N1 + N0), N1), within(mean - D * N1 / (N1 + N0), N0)
            q1, q0 = nearest(s1, s0, d, N1, N0)
            w = told / (told + CAUTION)
            t1, t0 = q1 + w * (s1 - q1), q0 + w * (s0 - q0)
            p1, p0 = nearest(t1, t0, d, n1, n0)
            total += k1 * log(t1 / p1) + (n1 - k1) * log((1 - t1) / (1 - p1))
            total += k0 * log(t0 / p0) + (n0 - k0) * log((1 - t0) / (1 - p0))
        told += 1
        N1, N0, K = N1 + n1, N0 + n0, K + k1 + k0
        weighted += n1 * n0 / (n1 + n0) * (k1 / n1 - k0 / n0)
        weight += n1 * n0 / (n1 + n0)
    return total


def interval(spans, level, step=1e-3):
    grid = [i * step for i in range(int(-1 / step) + 1, int(1 / step))]
    left = [d for d in grid if log_against(spans, d) < -log(level)]
    edge = lambda inside, outside: brentq(lambda d: log_against(spans, d) + log(level), inside, outside, xtol=1e-12)
    low = edge(left[0], left[0] - step) if left[0] > grid[0] else -1
    high = edge(left[-1], left[-1] + step) if left[-1] < grid[-1] else 1
    return low, high


def log_against_split(n1, n0, share):
    def bet(total):
        total = max(2, total)
        a = min(total - 1, max(1, round(share * total)))
        return betaln(n1 + a, n0 + total - a) - betaln(a, total - a) - n1 * log(share) - n0 * log(1 - share)

    return logsumexp([bet(round(share * (1 - share) / 0.02**2) - 1), bet(2)]) - log(2)


random.seed(11)
cases = []
for size, hours, p1, p0 in [(5, 30, 0.5, 0.4), (40, 60, 0.03, 0.01), (300, 48, 0.62, 0.6), (25, 100, 0.1, 0.1), (3, 12, 0.9, 0.2)]:
    draw = lambda n, p: sum(random.random() < p for _ in range(n))
    spans = []
    for hour in range(hours):
        n1, n0 = random.randint(0, 2 * size), random.randint(0, 2 * size)
        spans.append([n1, draw(n1, p1), n0, draw(n0, p0)])
    differences = [-0.2, -0.01, 0, 0.015, 0.3]
    low, high = interval(spans, 0.05)
    cases.append({"spans": spans, "logs": [[d, log_against(spans, d)] for d in differences], "low": low, "high": high})
splits = [[n1, n0, s, log_against_split(n1, n0, s)] for n1, n0, s in [(0, 0, 0.5), (9_600, 10_400, 0.5), (10, 400, 0.05), (700, 9_300, 0.05), (123_456, 41_000, 0.75)]]
pathlib.Path(__file__).with_name("golden.json").write_text(json.dumps({"cases": cases, "splits": splits}) + "\n")
