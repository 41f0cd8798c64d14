# Writes golden-vectors.json beside it: 200 keys, and where Python says they stand. Run it after a change of the keys only.
import hashlib, json, pathlib

SALTS = ["pd1:abc", "pd1:" + "4" * 64, "pd1:" + hashlib.sha256(b"another content").hexdigest()]
KEYS = ["user-1", "Jürgen", "日本", "", " ", "\n", "a\nb", "0", "-1", "none", "👩‍💻", "\u00e9", "e\u0301", "x" * 1_000]
KEYS += [f"user-{n}" for n in range(2, 20)]
KEYS += [f"person{n}@bank.example" for n in range(18)]
KEYS += [str(n) for n in range(10**6, 10**6 + 10)]
KEYS += [hashlib.md5(str(n).encode()).hexdigest() for n in range(10)]


def place(salt, key):
    return int.from_bytes(hashlib.sha256((salt + "\n" + key).encode()).digest()[:4], "big") / 2**32


pairs = [(salt, key) for salt in SALTS for key in KEYS][:200]
assert len(pairs) == 200
vectors = [[salt, key, place(salt, key)] for salt, key in pairs]
text = "[\n" + ",\n".join("  " + json.dumps(vector, ensure_ascii=False) for vector in vectors) + "\n]\n"
pathlib.Path(__file__).with_name("golden-vectors.json").write_text(text)
