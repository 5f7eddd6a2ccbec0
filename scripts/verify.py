#!/usr/bin/env python3
"""Verifies what Bifrost proves, with nothing of Bifrost: Python's standard library, and docs/audit.md.

    verify.py export FILE [ANCHORS]    an export in JSON Lines: its hash chains, and against anchors where given
    verify.py anchors FILE             the signatures of anchors
    verify.py keys FILE                what keys say of each other: hand-overs and revocations
    verify.py receipts FILE ANCHORS    that receipts of places outside are for these anchors
    verify.py proof FILE [ANCHORS]     a proof as GET /api/audit/proofs serves it, against anchors where given

Which part of the log an export has to be you say: --portfolio N, --from TIME, --to TIME; all of the log without them.
--size N takes the anchor of N events for the newest one; --strict refuses events that no anchor attests yet.

    --key FILE             a public key in PEM that is trusted: anchors have to be signed with it, or with one that it
                           leads to; may be said again; without it the first key that signed is believed and shown
    --keys FILE            what keys say of each other; keys.jsonl beside the anchors where nothing is said
    --cosigner NAME=FILE   somebody who signs anchors too, and their public key; may be said again
    --require N            how many of them have to have signed each anchor, from the first on that so many have

Prints what was verified and exits with 0, or prints the first thing that is wrong and exits with 1.
"""
import argparse
import base64
import datetime
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


def hash_of(text):
    check(isinstance(text, str) and re.fullmatch("[0-9a-f]{64}", text), f"{text} is no hash of 64 digits")
    return bytes.fromhex(text)


def leaf(sequence, event_hash):
    return hashlib.sha256(b"\0" + sequence.to_bytes(8, "big") + bytes.fromhex(event_hash)).digest()


class Tree:
    """The right edge of a Merkle tree (RFC 9162, section 2.1.1): whole nodes, the largest first."""

    def __init__(self):
        self.size, self.edge = 0, []

    def append(self, node_hash, level=0):
        """A leaf, or a node of a level that stands for the 2**level leaves below it."""
        size = self.size >> level
        while size & 1:
            node_hash, size = node(self.edge.pop(), node_hash), size >> 1
        self.edge.append(node_hash)
        self.size += 1 << level

    def fill(self, size, nodes, where):
        """Nodes for all leaves up to a size, each as large as it can be, so that there is one way to write them."""
        for node_hash in nodes:
            check(self.size < size, f"{where}: the proof has more nodes than there are leaves")
            level = (size - self.size).bit_length() - 1
            if self.size:
                level = min(level, (self.size & -self.size).bit_length() - 1)
            self.append(hash_of(node_hash), level)
        check(self.size == size, f"{where}: the proof has too few nodes")

    def root(self):
        return functools.reduce(lambda right, left: node(left, right), reversed(self.edge)).hex()


NOTHING = bytes(32)


def parent(left, right):
    return NOTHING if left == right == NOTHING else node(left, right)


def head_leaf(portfolio, version, sequence, event_hash):
    return hashlib.sha256(netstrings("bifrost head 1", portfolio, version, sequence, event_hash)).digest()


class Heads:
    """A Merkle tree with the last event of each portfolio at the place of its id, of 32 bits."""

    def __init__(self):
        self.nodes, self.changed = {}, {}

    def root(self):
        self.nodes.update({(0, portfolio): head_leaf(portfolio, *head) for portfolio, head in self.changed.items()})
        places, self.changed = set(self.changed), {}
        for level in range(32):
            places = {place >> 1 for place in places}
            for place in places:
                below = (self.nodes.get((level, 2 * place + side), NOTHING) for side in (0, 1))
                self.nodes[level + 1, place] = parent(*below)
        return self.nodes.get((32, 0), NOTHING).hex()


def head_root(portfolio, head, path):
    check(len(path) == 32, "the proof of the portfolio's last event has not 32 hashes")
    found = head_leaf(portfolio, *head)
    for level, sibling in enumerate(path):
        sibling = hash_of(sibling)
        found = parent(sibling, found) if portfolio >> level & 1 else parent(found, sibling)
    return found.hex()


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
    # Since anchors name the last event of each portfolio as well they are of format 2.
    form, heads = ("bifrost anchor 2", ["heads"]) if "heads" in anchor else ("bifrost anchor 1", [])
    signed = netstrings(form, *(anchor[part] for part in ("log", "size", "sequence", "root", *heads, "at")))
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


HASHED = ("portfolioId", "portfolioVersion", "stream", "version", "type", "id", "recordedAt", "actor", "commandId",
          "correlationId")
EVENT = ("sequence", *HASHED, "previousHash", "hash")
NUMBERS = ("sequence", "portfolioId", "portfolioVersion", "version", "index")
TEXTS = ("stream", "type", "id", "recordedAt", "previousHash", "hash")
PART = ("portfolioId", "from", "to")


def read_line(file):
    """The next line, and the object that it is; nothing may stand in it twice."""
    def members(pairs):
        check(len(dict(pairs)) == len(pairs), "a line has a member twice")
        return dict(pairs)

    line = file.readline()
    check(line.endswith(b"\n"), "the export is cut off")
    return line, json.loads(line.decode("utf-8"), object_pairs_hook=members)


def check_event(event, line):
    """Puts the payload as it stands, so as it is hashed, in the place of what it says."""
    check(tuple(event) in ((*EVENT, "data"), (*EVENT, "index", "gap", "data")), "a line is not what an event is")
    check(all(type(event[name]) is int for name in NUMBERS if name in event), "a number of an event is none")
    check(all(isinstance(event[name], str) for name in TEXTS), "a text of an event is none")
    check(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", event["recordedAt"]), "a time is not written as one")
    event["data"] = line[line.index(b'"data":') + 7:line.rindex(b"}")]


class Chains:
    """The history of each portfolio: no version left out, and each event's hash over all before it."""

    def __init__(self):
        self.heads = {}

    def add(self, event, is_part):
        sequence, portfolio, version = event["sequence"], event["portfolioId"], event["portfolioVersion"]
        # What a part begins with follows a hash that its own covers, and its own is proved.
        begins = (version - 1, event["previousHash"], "") if is_part and version > 1 else (0, "0" * 64, "")
        known, previous, at = self.heads.get(portfolio, begins)
        check(version == known + 1, f"event {sequence} is version {version} of {portfolio} and follows {known}")
        check(event["previousHash"] == previous, f"event {sequence} does not follow the hash before it")
        hashed = netstrings("bifrost event 1", previous, *(event[part] for part in HASHED), event["data"])
        check(hashlib.sha256(hashed).hexdigest() == event["hash"], f"event {sequence} is not what its hash is of")
        check(event["recordedAt"] >= at, f"event {sequence} was recorded before the one that it follows")
        self.heads[portfolio] = version, event["hash"], event["recordedAt"]


class Whole:
    """All of the log: its tree has the root of each anchor, when it has as many leaves."""

    def __init__(self, anchors):
        self.pending, self.tree, self.heads, self.attested, self.last = list(anchors), Tree(), Heads(), 0, 0

    def add(self, event):
        self.tree.append(leaf(event["sequence"], event["hash"]))
        self.heads.changed[event["portfolioId"]] = event["portfolioVersion"], event["sequence"], event["hash"]
        if self.pending and self.pending[0]["size"] == self.tree.size:
            anchor = self.pending.pop(0)
            check((self.tree.root(), event["sequence"]) == (anchor["root"], anchor["sequence"]),
                  f"the log is not what the anchor of {anchor['at']} attests: look between event {self.last + 1} and "
                  f"event {anchor['sequence']}")
            check("heads" not in anchor or self.heads.root() == anchor["heads"],
                  f"the anchor of {anchor['at']} names other last events of portfolios than the log has")
            self.attested, self.last = anchor["size"], anchor["sequence"]

    def end(self, _):
        check(not self.pending, f"the log ends after {self.tree.size} events, and an anchor attests more")


class Part:
    """Part of the log: with the nodes for what is left out its tree has the root of the anchor.

    Of a span nothing is left out between its first and its last event; of a portfolio its chain shows that, and the
    anchor names its last event. Where a part begins or ends at a time, an event from beyond it shows that."""

    def __init__(self, expected, anchor):
        self.portfolio, self.begin, self.end_at = (expected.get(name) for name in PART)
        self.anchor, self.tree, self.attested, self.proved, self.has_tail = anchor, Tree(), 0, None, False
        self.before, self.last = None, None

    def is_early(self, event):
        return self.begin is not None and event["recordedAt"] < self.begin

    def is_late(self, event):
        return self.end_at is not None and event is not None and event["recordedAt"] >= self.end_at

    def add(self, event):
        name = f"event {event['sequence']}"
        if self.portfolio is not None:
            check(event["portfolioId"] == self.portfolio, f"{name} is of portfolio {event['portfolioId']}")
            check(not self.is_late(self.last), f"{name} stands behind the end of the part")
            check(not self.is_early(event) or self.last is None, f"{name} comes before the part begins")
        if self.last is None:
            # Of a span that is not proved nobody knows whether it begins with the log.
            first = event["portfolioVersion"] == 1 if self.portfolio is not None else event.get("index", 0) == 0
            check(first or self.is_early(event) or not (self.anchor or self.portfolio is not None),
                  f"something stands before {name}, and is left out")
        elif self.before is None:
            check(not (self.is_early(self.last) and self.is_early(event)), f"{name} comes before the part begins")
        if self.anchor and "index" not in event:
            check(event["sequence"] > self.anchor["sequence"], f"{name} is not proved")
            self.has_tail = True
        elif self.anchor:
            check(not self.has_tail and self.tree.size <= event["index"] < self.anchor["size"]
                  and event["sequence"] <= self.anchor["sequence"], f"{name} cannot stand where it says")
            check(self.portfolio is not None or self.proved is None or not event["gap"],
                  f"events before {name} are left out")
            self.tree.fill(event["index"], event["gap"], name)
            self.tree.append(leaf(event["sequence"], event["hash"]))
            self.proved, self.attested = event, self.attested + 1
        self.before, self.last = self.last, event

    def end(self, end):
        check(not (self.is_late(self.last) and self.is_late(self.before)), "the part goes on behind its end")
        if not self.anchor or self.proved is None:
            return
        is_closed = self.is_late(self.proved)
        check(not (is_closed and (self.has_tail or "head" in end)), "the part goes on behind its end")
        self.tree.fill(self.anchor["size"], end["gap"], "the end")
        check(self.tree.root() == self.anchor["root"], f"the anchor of {self.anchor['at']} does not attest this part")
        if not is_closed and self.portfolio is None:
            check(not end["gap"], f"the log goes on behind event {self.proved['sequence']}, and the part does not")
        elif not is_closed:
            check("heads" in self.anchor, f"the anchor of {self.anchor['at']} names no last events: take a newer one")
            head = self.proved["portfolioVersion"], self.proved["sequence"], self.proved["hash"]
            check("head" in end and head_root(self.portfolio, head, end["head"]) == self.anchor["heads"],
                  f"event {self.proved['sequence']} is not the last of its portfolio that the anchor attests")


def open_part(file, expected, anchor):
    """What the file says of itself is held to what is expected of it."""
    header = read_line(file)[1]
    check(header.get("format") == "bifrost export 1", "this is no export")
    known = ("format", "log", *(name for name in PART if name in expected))
    says = {name: header[name] for name in PART if name in header}
    check(says == expected, f"the file says that it is of {says or 'all'} of the log, and {expected or 'all'} was asked "
          "for: --portfolio, --from and --to say which part has to be in it")
    check(tuple(header) in (known, (*known, "size")), "the first line has members that do not belong there")
    check(not anchor or header["log"] == anchor["log"], "the anchors are of another log")
    check("size" not in header or expected, "all of the log needs no proofs")
    check(not anchor or not expected or header.get("size") == anchor["size"],
          f"the part is proved against an anchor of {header.get('size', 'no')} events, and the newest one given is of "
          f"{anchor and anchor['size']}: export it again, or name the older one with --size")
    return header


def verify_export(name, anchors_name=None, portfolio=None, begin=None, end=None, size=None, strict=False):
    anchors, told = read_anchors(anchors_name) if anchors_name else ([], "no anchors")
    check(anchors or not anchors_name, f"there is no anchor in {anchors_name}")
    check(size is None or any(anchor["size"] == size for anchor in anchors), f"no anchor is of {size} events")
    anchors = [anchor for anchor in anchors if size is None or anchor["size"] <= size]
    check(len({anchor["log"] for anchor in anchors}) < 2, "the anchors are of several logs")
    expected = {name: value for name, value in zip(PART, (portfolio, begin, end)) if value is not None}
    chains, count, last = Chains(), 0, 0
    with open(name, "rb") as file:
        header = open_part(file, expected, anchors[-1] if anchors else None)
        part = Part(expected, anchors[-1] if anchors else None) if expected else Whole(anchors)
        line, event = read_line(file)
        while "events" not in event:
            check_event(event, line)
            check("size" in header or "index" not in event, "a file without proofs proves something")
            check(event["sequence"] > last, f"event {event['sequence']} stands after event {last}")
            chains.add(event, bool(expected))
            part.add(event)
            count, last = count + 1, event["sequence"]
            line, event = read_line(file)
        ends = ("events", "lastSequence") + (("gap",) if "size" in header else ())
        check(tuple(event) in (ends, (*ends, "head") if "size" in header and portfolio is not None else ends),
              "the last line has members that do not belong there")
        check(event["events"] == count, f"{count} events came, {event['events']} were exported")
        check(event["lastSequence"] == last, f"event {last} came last, and not {event['lastSequence']}")
        check(not file.readline(), "there is more behind the last line")
        part.end(event)
    check(not anchors or part.attested, "the anchors attest nothing of this export")
    check(not strict or part.attested == count, f"{count - part.attested} events are attested by no anchor")
    tail = f", {count - part.attested} by no anchor yet" if anchors and part.attested < count else ""
    return f"{count} events of {len(chains.heads)} portfolios, {told}, {part.attested} events attested{tail}"


def verify_proof(name, anchors_name=None):
    with open(name, encoding="utf-8") as file:
        proof = json.load(file)
    path = [hash_of(part) for part in proof["path"]]
    # Whoever makes a proof can sign an anchor to go with it, with a key of his own.
    used = [proof["anchor"]] if "index" in proof else [proof["from"], proof["to"]]
    if anchors_name:
        known = read_anchors(anchors_name)[0]
        check(all(anchor in known for anchor in used), f"an anchor of the proof is not among those in {anchors_name}")
    else:
        for anchor in used:
            check_anchor(anchor)
    keys = ", ".join(sorted({key_id(anchor["publicKey"]) for anchor in used}))
    if "index" in proof:
        start, index, size = leaf(proof["sequence"], proof["hash"]), proof["index"], proof["anchor"]["size"]
        check(0 <= index < size, "the event is behind the end of the log")
        root, _ = walk(start, start, index, size - 1, path)
        check(root.hex() == proof["anchor"]["root"], "the anchor does not attest the event")
        return (f"event {proof['sequence']} with the hash {proof['hash']} is in the log of {proof['anchor']['at']}, "
                f"signed with {keys}")
    old, new = used
    check(old["log"] == new["log"] and old["size"] <= new["size"], "the anchors are not one after the other")
    index, last = old["size"] - 1, new["size"] - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    # A proof leaves out the older root where it is a node of the newer tree.
    start = bytes.fromhex(old["root"]) if index == 0 or not path else path.pop(0)
    newer, older = walk(start, start, index, last, path) if old["size"] < new["size"] else (start, start)
    check(older.hex() == old["root"] and newer.hex() == new["root"], "the newer log does not begin with the older one")
    return f"the log of {new['at']} begins with all {old['size']} events of that of {old['at']}, signed with {keys}"


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


def moment(text):
    """A date or a time, as the ledger writes it."""
    at = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    at = at.astimezone(datetime.timezone.utc) if at.tzinfo else at
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    trust = argparse.ArgumentParser(add_help=False)
    trust.add_argument("--key", action="append", default=[], help="a file with a public key in PEM that is trusted")
    trust.add_argument("--keys", help="a file with what keys say of each other")
    trust.add_argument("--cosigner", action="append", default=[], help="NAME=FILE: who signs anchors too, with what")
    trust.add_argument("--require", type=int, default=0, help="how many of them have to have signed each anchor")
    for verb in ("export", "anchors", "keys", "receipts", "proof"):
        verbs.add_parser(verb, parents=[trust]).add_argument("file")
    verbs.choices["receipts"].add_argument("anchors")
    for verb in ("export", "proof"):
        verbs.choices[verb].add_argument("anchors", nargs="?", help="those that you had before, or have from elsewhere")
    export = verbs.choices["export"]
    export.add_argument("--portfolio", type=int, help="the file has to be all of this portfolio")
    export.add_argument("--from", dest="begin", type=moment, help="all that was recorded then or later: 2024-03-08")
    export.add_argument("--to", dest="end", type=moment, help="all that was recorded before then: 2024-03-08T14:30:00Z")
    export.add_argument("--size", type=int, help="take the anchor of so many events for the newest one")
    export.add_argument("--strict", action="store_true", help="events that no anchor attests yet are wrong as well")
    return parser.parse_args()


def read_public(name):
    with open(name, encoding="ascii") as file:
        return "".join(line.strip() for line in file if not line.startswith("-----"))


def read_trust(given):
    cosigners = (each.partition("=") for each in given.pop("cosigner"))
    return Keys([read_public(name) for name in given.pop("key")],
                [(name, read_public(file)) for name, _, file in cosigners], given.pop("require"), given.pop("keys"))


def main():
    global KEYS
    given = vars(read_arguments())
    verb, name = given.pop("verb"), given.pop("file")
    verify = {"export": verify_export, "anchors": lambda file: read_anchors(file)[1], "keys": verify_keys,
              "receipts": verify_receipts, "proof": verify_proof}[verb]
    try:
        KEYS = read_trust(given)
        if "anchors" in given:
            given["anchors_name"] = given.pop("anchors")
        print("verified:", verify(name, **given))
    except (Wrong, OSError, KeyError, TypeError, ValueError, RecursionError) as problem:
        sys.exit(f"wrong: {problem if isinstance(problem, (Wrong, OSError)) else repr(problem)}")


if __name__ == "__main__":
    main()
