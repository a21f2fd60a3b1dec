import { inspect } from 'node:util'
import { displays } from '../../display/displays.ts'
import type { Html } from '../../display/html.ts'
import { bundleOf, type MimeBundle } from '../../display/mime-bundle.ts'
import type { DisplayFacts, DisplayKind } from '../platform.ts'
import { findNotebook } from './notebook.ts'

/** The method that a notebook with the Deno kernel calls to show a value. */
const notebookDisplay = Symbol.for('Jupyter.display')

/**
 * Lets a notebook show plain data. The data keeps its keys and stays equal to what it equals; elsewhere it is
 * untouched.
 */
export function showInNotebooks<Kind extends DisplayKind, T extends object>(
  kind: Kind,
  data: T,
  factsOf: (data: T) => DisplayFacts<Kind>,
): void {
  if (findNotebook() !== undefined) hide(data, notebookDisplay, () => bundle(kind, factsOf(data)))
}

/**
 * Lets a notebook show objects with this prototype, and `console.log` print them as text in Node, Deno and
 * Bun.
 */
export function showEverywhere<Kind extends DisplayKind, T extends object>(
  kind: Kind,
  prototype: T,
  factsOf: (instance: T) => DisplayFacts<Kind>,
): void {
  hide(prototype, notebookDisplay, function show(this: T) {
    return bundle(kind, factsOf(this))
  })
  hide(prototype, inspect.custom, function print(this: T) {
    return this === prototype ? this : displayOf(kind).text(factsOf(this))
  })
}

function bundle<Kind extends DisplayKind>(kind: Kind, facts: DisplayFacts<Kind>): MimeBundle {
  const { html, text } = displayOf(kind)
  return bundleOf(text(facts), html(facts))
}

interface Display<Facts> {
  html(facts: Facts): Html
  text(facts: Facts): string
}

function displayOf<Kind extends DisplayKind>(kind: Kind): Display<DisplayFacts<Kind>> {
  return displays[kind]
}

function hide<T extends object>(target: T, key: symbol, value: (this: T) => unknown): void {
  Object.defineProperty(target, key, { value, enumerable: false, configurable: true, writable: true })
}
