// Attacks by how a connection is used, and not by what is asked.
import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { apiBase } from '@trackway/protocol'
import { storedManifest } from '@trackway/simulation'
import type { Site } from '../../processes/exchange.ts'
import type { Attack, Target } from '../attack.ts'
import { commit, count, hostilePath, insist, putBlob, repeat } from './requests.ts'

/** The experiment that has a file of 16 MiB. */
const large = 'large'

/** Holds this many connections, and reopens each one that ends. */
async function hold(target: Target, most: number, use: (socket: Socket) => void): Promise<void> {
  await repeat(Math.min(most, target.connections), async () => {
    const socket = connect(target.port, target.host)
    socket.on('error', () => {}) // What is cut off ends as well.
    count(target, 'connections')
    use(socket)
    await new Promise((resolve) => socket.once('close', resolve))
  })
}

/** Says this again and again, a bit at a time. */
async function drip(socket: Socket, text: string): Promise<void> {
  while (!socket.destroyed) {
    socket.write(text)
    await sleep(1000)
  }
}

function get(path: string, key?: string): string {
  const authorization = key === undefined ? '' : `authorization: Bearer ${key}\r\n`
  return `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${authorization}\r\n`
}

/** 1,100 requests for a document that is not small, sent ahead on each of 100 connections. */
export const pipelinedDocuments: Attack = {
  async run(target) {
    const requests = get(`${apiBase}/openapi.json`).repeat(1100)
    await hold(target, 100, (socket) => void socket.resume().write(requests))
  },
}

/** A version of one file of 16 MiB, which is one blob. */
async function makeLargeFile(site: Site): Promise<void> {
  const bytes = randomBytes(16 * 1024 * 1024)
  await putBlob(site, bytes)
  await commit((request) => insist(site, request), large, storedManifest({ 'a.bin': bytes }).bytes)
}

/** Asks for a file of 16 MiB many times, and reads nothing. */
export const readersThatDoNotRead: Attack = {
  prepare: makeLargeFile,
  async run(target) {
    const file = hostilePath('getFile', large, { revision: 'V1', path: 'a.bin' })
    const archive = hostilePath('getArchive', large, { revision: 'V1' })
    const requests = get(file, target.key).repeat(10) + get(archive, target.key).repeat(6)
    await hold(target, 400, (socket) => void socket.pause().write(requests))
  },
}

/** Reads a file of 16 MiB by some kilobytes a second, on as many connections as there may be. */
export const slowReaders: Attack = {
  prepare: makeLargeFile,
  async run(target) {
    const request = get(hostilePath('getFile', large, { revision: 'V1', path: 'a.bin' }), target.key)
    await hold(target, Number.POSITIVE_INFINITY, (socket) => {
      socket.pause().write(request)
      void readSlowly(socket)
    })
  },
}

async function readSlowly(socket: Socket): Promise<void> {
  while (!socket.destroyed) {
    socket.read(4096)
    await sleep(1000)
  }
}

/** Headers that arrive at a few bytes a second. */
export const slowHeaders: Attack = {
  async run(target) {
    await hold(target, Number.POSITIVE_INFINITY, (socket) => {
      socket.resume().write(`GET ${apiBase}/healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n`)
      void drip(socket, 'x: y\r\n')
    })
  },
}

/** Bodies that arrive at a few bytes a second. */
export const slowBodies: Attack = {
  async run(target) {
    const path = hostilePath('findMissingBlobs', 'any')
    const head = `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${target.key}\r\ncontent-type: application/json\r\ncontent-length: 4000000\r\n\r\n{"digests":[`
    await hold(target, Number.POSITIVE_INFINITY, (socket) => {
      socket.resume().write(head)
      void drip(socket, '"",'.repeat(10))
    })
  },
}

/** Connections that send nothing. */
export const idleConnections: Attack = {
  async run(target) {
    await hold(target, Number.POSITIVE_INFINITY, (socket) => void socket.resume())
  },
}
