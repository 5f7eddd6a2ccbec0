#!/usr/bin/env python3
"""Verifies what Bifrost proves, with nothing of Bifrost: Python's standard library, and docs/audit.md.

    verify.py export FILE [ANCHORS]    an export in JSON Lines: its hash chains, and against anchors where given
    verify.py anchors FILE             the signatures of anchors
    verify.py keys FILE                what keys say of each other: hand-overs and revocations
    verify.py receipts FILE ANCHORS    that receipts of places outside are for these anchors
    verify.py proof FILE               a proof as GET /api/audit/proofs serves it

    --key FILE             a public key in PEM that is trusted: anchors have to be signed with it, or with one that it
                           leads to; may be said again; without it the first key that signed is believed and shown
    --keys FILE            what keys say of each other; keys.jsonl beside the anchors where nothing is said
    --cosigner NAME=FILE   somebody who signs anchors too, and their public key; may be said again
    --require N            how many of them have to have signed each anchor, from the first on that so many have

Prints what was verified and exits with 0, or prints the first thing that is wrong and exits with 1.
"""
import base64
import functools
import hashlib
import json
import os
import re
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


def key_id(key):
    return hashlib.sha256(base64.b64decode(key)).hexdigest()[:16]


def check_signed(what, text, key, signature):
    check(is_signed(base64.b64decode(key), text, base64.b64decode(signature)), f"{what} is not signed as it stands")


def check_time(text):
    # So written, times compare as texts.
    check(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", text), f"'{text}' is no time")


def read_lines(name):
    with open(name, encoding="utf-8") as file:
        text = file.read()
    check(not text or text.endswith("\n"), f"{name} is cut off within its last line")
    return text.split("\n")[:-1]


class Keys:
    """The keys of a log, each of which the one before it has signed, and who is trusted."""

    def __init__(self, trusted=(), cosigners=(), required=0, name=None):
        self.trusted, self.cosigners, self.required, self.name = set(trusted), list(cosigners), required, name
        self.log, self.chain, self.first = None, [], None

    def read(self, beside=None, first=None):
        """Reads what keys say; the first key is believed where none is trusted, and it is first's where none speaks."""
        name = self.name or (beside and os.path.join(os.path.dirname(os.path.abspath(beside)), "keys.jsonl"))
        statements = []
        if name and (self.name or os.path.exists(name)):
            with open(name, encoding="utf-8") as file:
                text = file.read()
            is_list = text.startswith("{") and '"statements"' in text
            statements = json.loads(text)["statements"] if is_list else [json.loads(l) for l in read_lines(name)]
        self.chain, before = [], None
        for said in statements:
            self.add(said, before)
            before = said
        self.log = statements[0]["log"] if statements else None
        self.reached = set(self.trusted or [self.chain[0]["key"] if self.chain else first])
        for old, new in zip(self.chain, self.chain[1:]):
            if old["key"] in self.reached and not self.is_revoked(old, new["taken"]["at"]):
                self.reached.add(new["key"])
        return statements

    def add(self, said, before):
        what, signer = f"the {said['kind']} of {said['at']}", said["publicKey"]
        signed = netstrings("bifrost key 1", *(said.get(part) for part in (
            "kind", "log", "size", "sequence", "root", "at", "publicKey", "key", "from")))
        check_time(said["at"])
        check_signed(what, signed, signer, said["signature"])
        self.chain = self.chain or [{"key": signer, "taken": None, "given": None, "revoked": None}]
        check(not before or (said["log"] == before["log"] and said["size"] >= before["size"]
                             and said["at"] >= before["at"]), f"{what} does not come after the one before it")
        check(signer == self.chain[-1]["key"], f"{what} is signed with {key_id(signer)}, which had not the say then")
        known = [link for link in self.chain if link["key"] == said["key"]]
        if said["kind"] == "hand-over":
            check_signed(what, signed, said["key"], said["accepted"])
            check("from" not in said and not known, f"{what} is to a key that was there before")
            self.chain[-1]["given"] = said
            self.chain.append({"key": said["key"], "taken": said, "given": None, "revoked": None})
        else:
            check(said["kind"] == "revocation" and known and known[0] is not self.chain[-1],
                  f"{what} is of a key that none of those before is")
            check_time(said["from"])
            known[0]["revoked"] = min(known[0]["revoked"] or said["from"], said["from"])

    @staticmethod
    def is_revoked(link, at):
        return link["revoked"] is not None and at >= link["revoked"]

    def check(self, anchor):
        """Whether an anchor that is signed as it stands is by a key that might sign it."""
        what, key, size, at = f"the anchor of {anchor['at']}", anchor["publicKey"], anchor["size"], anchor["at"]
        check(self.log in (None, anchor["log"]), "the keys are of another log")
        check(key in self.reached, f"{what} is signed with {key_id(key)}, to which no trusted key leads")
        for link in self.chain:
            taken, given = link["taken"], link["given"]
            check(not taken or taken["size"] != size or taken["root"] == anchor["root"],
                  f"{what} contradicts the hand-over of the same size")
            if link["key"] == key:
                check(not taken or (size > taken["size"] and at >= taken["at"]),
                      f"{what} is signed with {key_id(key)}, which had not been handed over to yet")
                check(not given or (size <= given["size"] and at <= given["at"]),
                      f"{what} is signed with {key_id(key)}, which had handed over")
                check(not self.is_revoked(link, at), f"{what} is signed with {key_id(key)}, which is revoked")

    def count(self, anchor):
        signed = {other["publicKey"] for other in anchor.get("coSignatures", [])}
        return len({name for name, key in self.cosigners if key in signed})

    def span(self, key):
        link = next((link for link in self.chain if link["key"] == key), {"taken": 0, "given": 0, "revoked": 0})
        revoked = f", revoked from {link['revoked']}" if link["revoked"] else ""
        return (f"{key_id(key)} ({link['taken']['at'] if link['taken'] else 'the beginning'} to "
                f"{link['given']['at'] if link['given'] else 'now'}{revoked})")


# What whoever verifies trusts, as the options say.
KEYS = Keys()


def check_anchor(anchor):
    """An anchor by itself, as in a proof: its signatures, and its keys where it is said which are trusted."""
    check_signatures(anchor)
    KEYS.first = KEYS.first or anchor["publicKey"]
    KEYS.read(first=KEYS.first)
    KEYS.check(anchor)
    check(KEYS.count(anchor) >= KEYS.required, f"the anchor of {anchor['at']} is signed by too few co-signers")


def check_signatures(anchor):
    what = f"the anchor of {anchor['at']}"
    check_time(anchor["at"])
    signed = netstrings("bifrost anchor 1", *(anchor[part] for part in ("log", "size", "sequence", "root", "at")))
    for by in [anchor, *anchor.get("coSignatures", [])]:
        check_signed(what, signed, by["publicKey"], by["signature"])


def read_anchors(name):
    anchors = [json.loads(line) for line in read_lines(name)]
    check(anchors, f"there are no anchors in {name}")
    KEYS.read(beside=name, first=anchors[0]["publicKey"])
    required = 0
    for before, anchor in zip([None, *anchors], anchors):
        what = f"the anchor of {anchor['at']}"
        check_signatures(anchor)
        check(not before or (anchor["log"] == before["log"] and anchor["size"] > before["size"]
                             and anchor["at"] >= before["at"]), f"{what} does not come after the one before it")
        KEYS.check(anchor)
        # From the first on that enough have signed: whoever leaves them out later has something to hide.
        required = KEYS.required if KEYS.count(anchor) >= KEYS.required else required
        check(KEYS.count(anchor) >= required, f"{what} is signed by too few co-signers")
    check(required == KEYS.required, "no anchor is signed by enough co-signers")
    spans = dict.fromkeys(KEYS.span(anchor["publicKey"]) for anchor in anchors)
    return anchors, f"{len(anchors)} anchors signed with {', '.join(spans)}"


def verify_keys(name):
    KEYS.name = name
    statements = KEYS.read()
    check(all(link["key"] in KEYS.reached for link in KEYS.chain[-1:]), "no trusted key leads to the newest one")
    return f"{len(statements)} statements of keys: {', '.join(KEYS.span(link['key']) for link in KEYS.chain)}"


def verify_receipts(name, anchors_name):
    anchors, told = read_anchors(anchors_name)
    lines = {json.loads(line)["size"]: line for line in read_lines(anchors_name)}
    receipts = [json.loads(line) for line in read_lines(name)]
    check(receipts, f"there are no receipts in {name}")
    for receipt in receipts:
        line = lines.get(receipt["size"])
        check(line is not None, f"the anchor of {receipt['size']} events that {receipt['hook']} took is not there")
        check(hashlib.sha256(line.encode() + b"\n").hexdigest() == receipt["anchor"],
              f"{receipt['hook']} took another anchor of {receipt['size']} events")
    return f"{len(receipts)} receipts for {told}"


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


def read_public(name):
    with open(name, encoding="ascii") as file:
        return "".join(line.strip() for line in file if not line.startswith("-----"))


def take_options(arguments):
    """Takes what is trusted out of the arguments, and answers the others."""
    rest, said = [], {"--key": [], "--keys": [], "--cosigner": [], "--require": []}
    while arguments:
        option, equals, value = arguments.pop(0).partition("=")
        if option not in said:
            rest.append(option + equals + value)
        elif equals or arguments:
            said[option].append(value if equals else arguments.pop(0))
        else:
            sys.exit(__doc__)
    KEYS.trusted = {read_public(name) for name in said["--key"]}
    cosigners = (each.partition("=") for each in said["--cosigner"])
    KEYS.cosigners = [(name, read_public(file)) for name, _, file in cosigners]
    KEYS.required = int((said["--require"] or [0])[-1])
    KEYS.name = (said["--keys"] or [None])[-1]
    return rest


if __name__ == "__main__":
    verbs = {"export": verify_export, "anchors": lambda name: read_anchors(name)[1], "keys": verify_keys,
             "receipts": verify_receipts, "proof": verify_proof}
    try:
        words = take_options(sys.argv[1:])
        if len(words) not in (2, 3) or words[0] not in verbs:
            sys.exit(__doc__)
        print("verified:", verbs[words[0]](*words[1:]))
    except (Wrong, KeyError, ValueError, OSError) as problem:
        sys.exit(f"wrong: {problem if isinstance(problem, Wrong) else repr(problem)}")
