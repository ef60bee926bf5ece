#!/usr/bin/env bash
# gate.sh DATA RESULT [POLICY]: go on only if DATA may pass. Its exit code is datascan's.
set -uo pipefail

if [ $# -lt 2 ]; then
  echo "gate: give DATA and RESULT, and POLICY if there is one" >&2
  exit 2
fi
data=$1 result=$2 policy=${3:-}
datascan verify ${policy:+--policy "$policy"} --result "$result" -- "$data"
code=$?
case $code in
  0) echo "gate: $data passes" ;;
  1) echo "gate: $data has findings; do not train on it" >&2 ;;
  3) echo "gate: no valid verdict on $data; audit it" >&2 ;;
  *) echo "gate: could not decide about $data; it does not pass" >&2 ;;
esac
exit "$code"
