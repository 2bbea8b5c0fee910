/** Zones for tests: a device that was put into one and has not answered, under correlation ids that are known. */
import { metadataWith, pendingOf } from '../../routing/zones/pending.js'
import type { InStore } from './in-store.js'
import { DEVICE } from './samples.js'

export const ZONE_ASKED = 'asked-of-the-zone'
export const SUBZONE_ASKED = 'asked-of-the-subzone'

/** Puts the device into zone `tent` with subzone `bench_1` on gpios 4 and 5. */
export const asked = ({ store, zoning, clock }: Pick<InStore, 'store' | 'zoning' | 'clock'>): Promise<void> =>
  store.group.run(() => {
    const at = clock.now
    const { device } = zoning.zones.assign(store.devices.find(DEVICE)!, { zone_id: 'tent' }, 'test', at)
    const { subzone } = zoning.subzones.assign(
      device,
      { subzone_id: 'bench_1', assigned_gpios: [4, 5], safe_mode_active: true },
      at,
    )
    const pending = { ...pendingOf(device)!, correlation_id: ZONE_ASKED }
    store.devices.update(device, { device_metadata: metadataWith(device, pending) }, at)
    store.subzones.update(subzone, { correlation_id: SUBZONE_ASKED }, at)
  })
