/**
 * Reads a recording as far as it is whole: one that was cut off, or is damaged further on, gives what comes before.
 * A file that is none of ours is refused with a sentence.
 */
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { StringDecoder } from 'node:string_decoder'
import { constants, createGunzip } from 'node:zlib'
import { type Header, type Recorded, readLine, VERSION } from './format.js'

/** It is no recording, or none that can be read; the message says why. */
export class RecordingError extends Error {
  override name = 'RecordingError'
}

export interface RecordingReader extends AsyncIterable<Recorded> {
  /** Known with the first message. */
  readonly header: Header | undefined
  /** Why it ends before its end; undefined while it does not. */
  readonly damage: string | undefined
}

/** A line that is longer, letters, is none of ours: MQTT has 256 MiB, and recordings far less. */
const LONGEST = 64 * 1024 * 1024
const CUT_OFF = 'it is cut off'

/** gzip begins so. (RFC 1952, 2.3.1) */
async function isPacked(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0)
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b
  } finally {
    await file.close()
  }
}

/** Its text, piece by piece, as far as it can be unpacked; then what was wrong, if anything. */
async function* textOf(path: string, failed: (error: Error) => void): AsyncGenerator<string> {
  const packed = await isPacked(path).catch((error: NodeJS.ErrnoException) => {
    const { code, message } = error
    throw Object.assign(new Error(`${path} cannot be read: ${message}`), { code })
  })
  const file = createReadStream(path)
  // What is there of the last piece is unpacked, however it ends.
  const gunzip = packed ? createGunzip({ finishFlush: constants.Z_SYNC_FLUSH }) : undefined
  if (gunzip) file.on('error', (error) => gunzip.destroy(error)).pipe(gunzip)
  const decoder = new StringDecoder()
  try {
    for await (const chunk of gunzip ?? file) yield decoder.write(chunk as Buffer)
  } catch (error) {
    failed(error as Error)
  } finally {
    file.destroy()
  }
}

async function* linesOf(path: string, failed: (error: Error) => void): AsyncGenerator<string> {
  let rest = ''
  for await (const text of textOf(path, failed)) {
    const lines = (rest + text).split('\n')
    rest = lines.pop()!
    if (rest.length > LONGEST) return
    yield* lines
  }
  if (rest !== '') yield rest
}

/** Throws RecordingError from its iterator, and what the system says when the file cannot be opened. */
export function readRecording(path: string): RecordingReader {
  let header: Header | undefined
  let damage: string | undefined

  async function* read(): AsyncGenerator<Recorded> {
    let broken: Error | undefined
    let whole = false
    const lines = linesOf(path, (error) => {
      broken = error
    })
    for await (const line of lines) {
      if (whole || damage !== undefined) break
      if (line === '') continue
      let found: ReturnType<typeof readLine>
      try {
        found = readLine(line)
      } catch {
        if (header) damage = CUT_OFF
        else throw new RecordingError(`${path} is no recording of kaiser`)
        continue
      }
      if (found.kind === 'header' && !header) {
        header = found.header
        if (header.version > VERSION)
          throw new RecordingError(`${path} was written by a newer kaiser (version ${header.version})`)
      } else if (!header) throw new RecordingError(`${path} is no recording of kaiser`)
      else if (found.kind === 'message') yield found.message
      else whole = found.kind === 'end'
    }
    if (!header) throw new RecordingError(`${path} is no recording of kaiser`)
    if (!whole) damage = broken ? `it is damaged (${broken.message})` : CUT_OFF
  }
  return {
    get header() {
      return header
    },
    get damage() {
      return damage
    },
    [Symbol.asyncIterator]: read,
  }
}
