/**
 * Subscribes and writes down what comes, with its time. What a subscriber cannot know is not there: a message is
 * retained only when it was so before, and QoS 2 is 1. Secrets are blanked, from whatever broker they come.
 */
import { rmSync } from 'node:fs'
import { heardOf } from '../../routing/contract/secrets.js'
import { type ClientOptions, openClient } from './mqtt-client.js'
import { openWriter, type RecordingWriter, type WriterOptions } from './writer.js'

export interface Recorder {
  readonly writer: RecordingWriter
  readonly up: boolean
  /** How often it was gone: what was said meanwhile is missing. */
  readonly gaps: number
  /** Writes what there is, and ends. */
  close(): Promise<void>
}

/** Resolves when it hears; until then it tries for ever. Rejects when the file cannot be made or a topic is refused. */
export async function record(options: ClientOptions & WriterOptions): Promise<Recorder> {
  const client = openClient(options)
  const subscribe = async (): Promise<void> => {
    const granted = await client.subscribeAsync([...options.topics], { qos: 1 })
    const refused = granted.find(({ qos }) => (qos as number) >= 128)
    if (refused) throw new Error(`the broker refuses to be listened to on ${refused.topic}`)
  }
  let writer: RecordingWriter | undefined
  try {
    await new Promise<void>((resolve) => client.once('connect', () => resolve()))
    writer = await openWriter(options)
    const { write } = writer
    // What is retained comes at once.
    client.on('message', (topic, payload, { qos, retain }) => {
      const heard = heardOf(topic, payload, undefined)
      if (heard !== undefined) write({ topic, payload: Buffer.from(heard as Buffer), qos, retain })
    })
    await subscribe()
  } catch (error) {
    client.end(true)
    if (writer) {
      await writer.close().catch(() => {})
      rmSync(options.file, { force: true })
    }
    throw error
  }
  let gaps = 0
  client.on('connect', () => {
    gaps++
    subscribe().catch((error: Error) => options.trouble(error.message))
  })
  const opened = writer
  return {
    writer: opened,
    get up() {
      return client.connected
    },
    get gaps() {
      return gaps + (client.connected ? 0 : 1)
    },
    async close() {
      client.end(true)
      await opened.close()
    },
  }
}
