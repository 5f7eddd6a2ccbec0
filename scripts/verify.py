#!/usr/bin/env python3
"""Verifies what Bifrost proves, with nothing of Bifrost: Python's standard library, and docs/audit.md.

    verify.py export FILE [ANCHORS]    an export in JSON Lines: its hash chains, and against anchors where given
    verify.py anchors FILE             the signatures of anchors
    verify.py proof FILE               a proof as GET /api/audit/proofs serves it

Prints what was verified and exits with 0, or prints the first thing that is wrong and exits with 1.
"""
import base64
import functools
import hashlib
import json
import sys

# The curve P-256: y^2 = x^3 - 3x + b over the integers modulo P, with a base point G of order N (FIPS 186-4, D.1.2.3).
P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
     0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)
# A SubjectPublicKeyInfo of an uncompressed point of P-256 begins so (RFC 5480).
SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")


class Wrong(Exception):
    pass


def check(holds, problem):
    if not holds:
        raise Wrong(problem)


def add(p, q):
    if p is None or q is None:
        return p or q
    if p[0] == q[0] and (p[1] + q[1]) % P == 0:
        return None
    slope = ((3 * p[0] * p[0] - 3) * pow(2 * p[1], -1, P) if p == q else (q[1] - p[1]) * pow(q[0] - p[0], -1, P))
    x = (slope * slope - p[0] - q[0]) % P
    return x, (slope * (p[0] - x) - p[1]) % P


def times(k, p):
    total = None
    while k:
        if k & 1:
            total = add(total, p)
        p, k = add(p, p), k >> 1
    return total


def is_signed(key, text, signature):
    check(len(key) == 91 and key.startswith(SPKI), "the key is not one of the curve P-256")
    point = int.from_bytes(key[27:59], "big"), int.from_bytes(key[59:], "big")
    check((point[1] ** 2 - point[0] ** 3 + 3 * point[0] - B) % P == 0, "the key is no point of the curve")
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if len(signature) != 64 or not (0 < r < N and 0 < s < N):
        return False
    digest, inverse = int.from_bytes(hashlib.sha256(text).digest(), "big"), pow(s, -1, N)
    found = add(times(digest * inverse % N, G), times(r * inverse % N, point))
    return found is not None and found[0] % N == r


def netstrings(*parts):
    texts = [part if part is None or isinstance(part, bytes) else str(part).encode() for part in parts]
    return b"".join(b"-," if text is None else b"%d:%s," % (len(text), text) for text in texts)


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def leaf(sequence, event_hash):
    return hashlib.sha256(b"\0" + sequence.to_bytes(8, "big") + bytes.fromhex(event_hash)).digest()


class Tree:
    """The right edge of a Merkle tree (RFC 9162, section 2.1.1): whole nodes, the largest first."""

    def __init__(self):
        self.size, self.edge = 0, []

    def append(self, leaf_hash):
        node_hash, size = leaf_hash, self.size
        while size & 1:
            node_hash, size = node(self.edge.pop(), node_hash), size >> 1
        self.edge.append(node_hash)
        self.size += 1

    def root(self):
        return functools.reduce(lambda right, left: node(left, right), reversed(self.edge)).hex()


def check_anchor(anchor):
    signed = netstrings("bifrost anchor 1", *(anchor[part] for part in ("log", "size", "sequence", "root", "at")))
    key, signature = base64.b64decode(anchor["publicKey"]), base64.b64decode(anchor["signature"])
    check(is_signed(key, signed, signature), f"the anchor of {anchor['at']} is not signed as it stands")
    return hashlib.sha256(key).hexdigest()[:16]


def read_anchors(name):
    with open(name, encoding="utf-8") as file:
        anchors = [json.loads(line) for line in file]
    keys = {check_anchor(anchor) for anchor in anchors}
    return anchors, f"{len(anchors)} anchors signed with {', '.join(sorted(keys))}"


def event_hash(event, previous, payload):
    parts = (event[part] for part in ("portfolioId", "portfolioVersion", "stream", "version", "type", "id",
                                      "recordedAt", "actor", "commandId", "correlationId"))
    return hashlib.sha256(netstrings("bifrost event 1", previous, *parts, payload)).hexdigest()


def verify_export(name, anchors_name=None):
    anchors, told = read_anchors(anchors_name) if anchors_name else ([], "no anchors")
    heads, tree, count, last, attested = {}, Tree(), 0, 0, None
    with open(name, "rb") as file:
        header = json.loads(file.readline())
        check(header.get("format") == "bifrost export 1", "this is no export")
        is_part = not {"portfolioId", "from", "to"}.isdisjoint(header)
        check(all(anchor["log"] == header["log"] for anchor in anchors), "the anchors are of another log")
        pending = [] if is_part else list(anchors)
        for line in file:
            event = json.loads(line)
            if "events" in event:
                check(event["events"] == count, f"{count} events came, {event['events']} were exported")
                check(not file.readline(), "there is more behind the last line")
                break
            sequence, portfolio, version = event["sequence"], event["portfolioId"], event["portfolioVersion"]
            # The payload is hashed as it stands, so it is cut out and not written again.
            payload = line[line.index(b'"data":') + 7:line.rindex(b"}")]
            before = (version - 1, event["previousHash"]) if is_part else (0, "0" * 64)
            known, previous = heads.get(portfolio, before)
            check(sequence > last, f"event {sequence} stands after event {last}")
            check(version == known + 1, f"event {sequence} is version {version} of {portfolio} and follows {known}")
            check(event_hash(event, previous, payload) == event["hash"], f"event {sequence} is not what its hash is of")
            heads[portfolio], last, count = (version, event["hash"]), sequence, count + 1
            tree.append(leaf(sequence, event["hash"]))
            if pending and pending[0]["size"] == tree.size:
                anchor = pending.pop(0)
                check((tree.root(), sequence) == (anchor["root"], anchor["sequence"]),
                      f"the log is not what the anchor of {anchor['at']} attests: look between event "
                      f"{(attested or {'sequence': 0})['sequence'] + 1} and event {anchor['sequence']}")
                attested = anchor
        else:
            raise Wrong("the export is cut off")
    check(not pending, f"the log ends after event {last}, and an anchor attests more")
    return f"{count} events of {len(heads)} portfolios, {told}, {attested['size'] if attested else 0} events attested"


def verify_proof(name):
    with open(name, encoding="utf-8") as file:
        proof = json.load(file)
    path = [bytes.fromhex(part) for part in proof["path"]]
    if "index" in proof:
        check_anchor(proof["anchor"])
        start, index, size = leaf(proof["sequence"], proof["hash"]), proof["index"], proof["anchor"]["size"]
        check(index < size, "the event is behind the end of the log")
        root, _ = walk(start, start, index, size - 1, path)
        check(root.hex() == proof["anchor"]["root"], "the anchor does not attest the event")
        return f"event {proof['sequence']} with the hash {proof['hash']} is in the log of {proof['anchor']['at']}"
    old, new = proof["from"], proof["to"]
    check_anchor(old), check_anchor(new)
    check(old["log"] == new["log"] and old["size"] <= new["size"], "the anchors are not one after the other")
    index, last = old["size"] - 1, new["size"] - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    # A proof leaves out the older root where it is a node of the newer tree.
    start = bytes.fromhex(old["root"]) if index == 0 or not path else path.pop(0)
    newer, older = walk(start, start, index, last, path) if old["size"] < new["size"] else (start, start)
    check(older.hex() == old["root"] and newer.hex() == new["root"], "the newer log does not begin with the older one")
    return f"the log of {new['at']} begins with all {old['size']} events of that of {old['at']}"


def walk(newer, older, index, last, path):
    """Up to the root (RFC 9162, sections 2.1.3.2 and 2.1.4.2); the older root takes in left siblings only."""
    for sibling in path:
        check(last > 0, "the proof is too long")
        if index & 1 or index == last:
            newer, older = node(sibling, newer), node(sibling, older)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            newer = node(newer, sibling)
        index, last = index >> 1, last >> 1
    check(last == 0, "the proof is too short")
    return newer, older


if __name__ == "__main__":
    verbs = {"export": verify_export, "anchors": lambda name: read_anchors(name)[1], "proof": verify_proof}
    if len(sys.argv) not in (3, 4) or sys.argv[1] not in verbs:
        sys.exit(__doc__)
    try:
        print("verified:", verbs[sys.argv[1]](*sys.argv[2:]))
    except (Wrong, KeyError, ValueError) as problem:
        sys.exit(f"wrong: {problem if isinstance(problem, Wrong) else repr(problem)}")
