# shellcheck shell=bash
# Runs the stages of a test run and counts what they tested. To be sourced, by bash.
#
#   stage NAME COMMAND…   one check: it passed if the command ends with 0
#   tests NAME COMMAND…   many checks: counted by the lines that test programs print
#                        A stage that takes longer than STAGE_SECONDS [1800] is ended, and has failed.
#   total                 prints "N passed, N failed" as the last line; fails if anything did
#
# A stage that fails does not keep the next ones from running: one run tells everything.

passed=0
failed=0
failures=()
summary=$(mktemp "${TMPDIR:-/tmp}/stages.XXXXXX")
# What the stages that failed said last, to be read at the end.
lamented=$(mktemp "${TMPDIR:-/tmp}/stages.XXXXXX")
trap 'rm -f "$summary" "$lamented"' EXIT

# Prints passed and failed of the summary lines of cargo test ("test result: ok. 3 passed; 0 failed;
# …") and of our own programs ("3 passed, 0 failed").
count_tests() {
    awk '
        /^test result: / { passed += number("passed"); failed += number("failed") }
        /^[0-9]+ passed, [0-9]+ failed$/ { passed += $1; failed += $3 }
        function number(word,  i) {
            for (i = 2; i <= NF; i++) if ($i == word ";") return $(i - 1)
            return 0
        }
        END { print passed + 0, failed + 0 }
    ' "$1"
}

stage() {
    local name=$1 began=$SECONDS
    shift
    echo "==== $name"
    local status=0
    bounded "$@" 2>&1 | tee "$summary" || status=$?
    if [ "$status" -eq 0 ]; then
        passed=$((passed + 1))
        echo "==== $name: good, $((SECONDS - began)) s"
    else
        note_failure "$name" 1
        echo "==== $name: FAILED, $((SECONDS - began)) s"
    fi
}

tests() {
    local name=$1 began=$SECONDS status=0 held broke
    shift
    echo "==== $name"
    bounded "$@" 2>&1 | tee "$summary" || status=$?
    read -r held broke < <(count_tests "$summary")
    # Tests that cannot even be built, and a run that tested nothing, have failed too.
    if [ "$broke" -eq 0 ] && { [ "$status" -ne 0 ] || [ "$held" -eq 0 ]; }; then
        broke=1
    fi
    passed=$((passed + held))
    if [ "$broke" -ne 0 ]; then
        note_failure "$name" "$broke"
    fi
    echo "==== $name: $held passed, $broke failed, $((SECONDS - began)) s"
}

bounded() {
    timeout --kill-after=30 "${STAGE_SECONDS:-1800}" "$@" || {
        local status=$?
        if [ "$status" -eq 124 ]; then echo "error: did not end within ${STAGE_SECONDS:-1800} s"; fi
        return "$status"
    }
}

note_failure() {
    failed=$((failed + $2))
    failures+=("$1")
    # The lines that name what failed, wherever they stand, and how it ended.
    {
        echo "---- $1"
        grep -aE 'FAILED|panicked at|^error|did not|^not ok' "$summary" | tail -30 || true
        echo "…"
        tail -n 40 "$summary"
    } >>"$lamented"
}

total() {
    cat "$lamented"
    for name in "${failures[@]+"${failures[@]}"}"; do
        echo "FAILED: $name"
    done
    echo "all stages took $SECONDS s"
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ]
}
