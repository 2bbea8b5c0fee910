/**
 * Answers that are written while they are read: the next piece of text is asked for when the network has taken
 * the last one (http.ts), so a long answer takes no more memory than a short one; a client that leaves ends it.
 */

export function streamed(texts: AsyncGenerator<string, void>, headers: Record<string, string>): Response {
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { value, done } = await texts.next()
        if (done) controller.close()
        else controller.enqueue(Buffer.from(value))
      },
      cancel: () => void texts.return(),
    },
    // Nothing is read ahead of the network.
    { highWaterMark: 0 },
  )
  return new Response(body, { headers })
}

/** Pieces shorter than this are put together, characters. */
const PIECE = 16_384

/** One piece for several short ones. */
export async function* pieces(texts: AsyncGenerator<string, void>): AsyncGenerator<string, void> {
  let text = ''
  for await (const more of texts) {
    text += more
    if (text.length < PIECE) continue
    yield text
    text = ''
  }
  if (text) yield text
}
