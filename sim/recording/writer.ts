/**
 * Writes a recording so that a process that is killed loses a second of it at most: what was packed so far is handed to
 * the system every second. A file that exists is not written over.
 */
import { createWriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'
import { constants, createGzip } from 'node:zlib'
import type { Clock } from '../clock.js'
import { endLine, headerLine, messageLine, type Recorded } from './format.js'

export interface RecordingWriter {
  readonly messages: number
  /** On disk, packed. */
  readonly bytes: number
  write(message: Omit<Recorded, 't'>): void
  /** Resolves when all of it is written. Rejects when it could not be. */
  close(): Promise<void>
}

export interface WriterOptions {
  readonly file: string
  readonly topics: readonly string[]
  /** Write over what is there. */
  readonly force: boolean
  readonly clock: Clock
  /** ms, for what lasts */
  readonly monotonic: () => number
  /** It cannot be written any more. */
  readonly failed: (error: Error) => void
}

const FLUSH = 1_000

/** Rejects when the file cannot be made. */
export async function openWriter(options: WriterOptions): Promise<RecordingWriter> {
  const { clock, monotonic, topics } = options
  const file = createWriteStream(options.file, { flags: options.force ? 'w' : 'wx', mode: 0o600 })
  await new Promise<void>((resolve, reject) => {
    file.once('open', () => resolve())
    file.once('error', reject)
  })
  const began = monotonic()
  const gzip = createGzip()
  gzip.pipe(file)
  const written = finished(file)
  // Whoever closes hears of it, and whoever does not yet.
  written.catch(options.failed)
  gzip.once('error', (error) => file.destroy(error))

  let messages = 0
  let isNew = true
  gzip.write(headerLine(Math.round(clock.now()), topics))
  const flush = (): void => {
    if (isNew) gzip.flush(constants.Z_SYNC_FLUSH)
    isNew = false
  }
  flush()
  const timer = clock.every(FLUSH, flush)
  const since = (): number => Math.round(monotonic() - began)

  return {
    get messages() {
      return messages
    },
    get bytes() {
      return file.bytesWritten
    },
    write(message) {
      messages++
      isNew = true
      gzip.write(messageLine({ t: since(), ...message }))
    },
    async close() {
      timer.stop()
      gzip.end(endLine(since(), messages))
      await written
    },
  }
}
