/** Hands a rejected message in again, as if it had just arrived, and says what became of it. */

import type { Delivery, Sender } from '../routing/delivery.js'
import type { Dispatch } from '../routing/dispatch.js'
import type { Reject } from '../storage/rejects.js'
import type { Store } from '../storage/store.js'

export const createHandIn =
  (store: Store, dispatch: Dispatch, now: () => number) =>
  async (reject: Reject): Promise<{ code: string }> => {
    const sender: Sender = {
      client_id: reject.client_id ?? 'reject list',
      address: null,
      waiting: 0,
      readOn() {},
    }
    const payload = Buffer.from(reject.payload)
    // What nobody was to hear is not said by handing it in again.
    const { topic, client_id } = reject
    const turned_down =
      reject.code === 'command_refused'
        ? { code: 'command_refused' as const, detail: 'handed in again', by: client_id ?? 'reject list' }
        : undefined
    const code = await new Promise<string>((resolve, fail) => {
      let delivery: Delivery | undefined
      delivery = dispatch.receive({ topic, payload, qos: 1, turned_down }, sender, (error) =>
        error ? fail(error) : resolve(delivery?.code ?? 'processed'),
      )
    })
    await store.group.run(() => store.rejects.retried(reject, now()))
    return { code }
  }
