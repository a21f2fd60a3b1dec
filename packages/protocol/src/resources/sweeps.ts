import * as z from 'zod/mini'
import { digestSchema } from '../digest.ts'
import { formatVersion, time } from '../fields.ts'

/** Stored: `gc/markers/<id>.json`, a sweep is about to delete what the list with that id names. */
export const sweepMarkerSchema = z.object({ formatVersion, createdAt: time })

/** Stored: `gc/lists/<id>.json`, what a sweep is about to delete. */
export const sweepListSchema = z.object({
  formatVersion,
  blobs: z.array(digestSchema),
  manifests: z.array(digestSchema),
})
