#!/bin/sh
# Runs a program until standard input ends, then kills it and removes FOLDER. Standard input ends when the
# process at the other end closes it or ends for any reason, so the program never outlives the process that
# started it. If the program ends by itself, this script ends too, and keeps the folder.
# usage: while-input-is-open.sh FOLDER PROGRAM [ARGUMENT…]
folder=$1
shift
exec 3<&0 # A background job has no standard input unless it is passed one.
"$@" </dev/null 3<&- &
program=$!
{
  cat
  kill -9 "$program"
} <&3 >/dev/null 2>&1 &
watch=$!
exec 3<&-
wait "$program"
code=$?
kill "$watch" 2>/dev/null
[ "$code" -ne 137 ] || rm -rf "$folder"
exit "$code"
