#!/bin/sh
# Runs a program until standard input ends, then kills it and removes FOLDER. Input ends when whoever holds the other end
# closes it or is gone, however that came about: so nothing outlives the process that wanted the program.
# A program that ends by itself ends this too, and leaves the folder with what it wrote.
# usage: while-input-is-open.sh FOLDER PROGRAM [ARGUMENT…]
folder=$1
shift
exec 3<&0 # A job in the background has no standard input unless it is handed one.
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
