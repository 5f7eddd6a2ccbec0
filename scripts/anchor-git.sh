#!/bin/sh
# Takes anchors to a git remote: whoever can read it has them, and who rewrites its history is seen by all that do.
#
#   anchor-git.sh                  reads an anchor, commits and pushes it, prints the commit
#   anchor-git.sh verify RECEIPT   reads an anchor; exits with 0 where the commit in RECEIPT is in the remote and has it
#
# Set as BIFROST_ANCHOR_HOOKS; it keeps a clone in the folder that it runs in. Environment:
#   BIFROST_ANCHOR_GIT     the remote: a URL or path to which git pushes without asking anybody
#   BIFROST_ANCHOR_BRANCH  the branch (default: anchors)
set -eu

: "${BIFROST_ANCHOR_GIT:?names the remote that anchors go to}"
branch=${BIFROST_ANCHOR_BRANCH:-anchors}
clone=git-anchors
line=$(cat)
log=$(printf '%s\n' "$line" | sed -n 's/^{"log":"\([0-9a-f-]*\)".*/\1/p')
[ -n "$log" ] || { echo "this is no anchor" >&2; exit 2; }
export GIT_TERMINAL_PROMPT=0

fetch() {
    [ -d "$clone/.git" ] || git init --quiet "$clone"
    # Where it is said anew, the remote is another one.
    git -C "$clone" config remote.origin.url "$BIFROST_ANCHOR_GIT"
    git -C "$clone" config remote.origin.fetch '+refs/heads/*:refs/remotes/origin/*'
    git -C "$clone" fetch --quiet origin
}

has_branch() {
    git -C "$clone" rev-parse --quiet --verify "refs/remotes/origin/$branch" >/dev/null
}

has_line() { # COMMIT
    git -C "$clone" show "$1:$log/anchors.jsonl" 2>/dev/null | grep -qxF -e "$line"
}

fetch
if [ "${1:-}" = verify ]; then
    commit=$(cat "$2")
    git -C "$clone" merge-base --is-ancestor "$commit" "origin/$branch" \
        || { echo "$commit is not in $branch of $BIFROST_ANCHOR_GIT" >&2; exit 1; }
    has_line "$commit" || { echo "$commit does not have the anchor" >&2; exit 1; }
    exit 0
fi

# What was committed and not pushed is made again: the remote says what there is.
if has_branch; then
    git -C "$clone" checkout --quiet --force -B "$branch" "origin/$branch"
else
    git -C "$clone" checkout --quiet --force --orphan "$branch"
fi
if ! { has_branch && has_line "origin/$branch"; }; then
    mkdir -p "$clone/$log"
    printf '%s\n' "$line" >>"$clone/$log/anchors.jsonl"
    git -C "$clone" add "$log/anchors.jsonl"
    git -C "$clone" -c user.name=bifrost -c user.email=bifrost@localhost -c commit.gpgsign=false \
        commit --quiet --message "Anchor $log" >&2
    git -C "$clone" push --quiet origin "HEAD:refs/heads/$branch" >&2
fi
git -C "$clone" rev-parse HEAD
