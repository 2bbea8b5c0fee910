/**
 * Two that may never be on together are not, once kaiser knows of both and can reach them; and kaiser switches none
 * of them on while it knows that the other is.
 */
import type { Knowledge } from './known.js'
import { ACTUATORS, BY_KEY, keyOf } from './plan.js'
import { type Rule, type Scene, SOON } from './scene.js'

export function createTogetherRule(scene: Scene, known: Knowledge): Rule {
  const { devices, blame, isWell } = scene
  const isReallyOn = (key: string): boolean => {
    const { esp_id, gpio } = BY_KEY.get(key)!
    return devices.get(esp_id)!.outputs.get(gpio)!.value > 0
  }
  return {
    ordered({ esp_id, gpio, value, correlation_id }) {
      const { never } = BY_KEY.get(keyOf({ esp_id, gpio }))!
      // In the same moment it may be on its way to the disk, and leaves.
      if (value > 0 && never && known.counted(never) > 0)
        blame(`${esp_id} ${gpio} is told to go on while ${never} is (${correlation_id})`)
    },
    check() {
      for (const each of ACTUATORS) {
        const key = keyOf(each)
        const { never } = each
        if (!never || key > never || !isReallyOn(key) || !isReallyOn(never)) continue
        if (!isWell(each.esp_id) || !isWell(BY_KEY.get(never)!.esp_id)) continue
        if (known.counted(key) > SOON && known.counted(never) > SOON)
          blame(`${key} and ${never} are on together`)
      }
    },
  }
}
