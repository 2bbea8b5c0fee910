/** Subzones over REST: made, listed, changed, put to rest and removed; and what is refused. */
import t from 'tap'
import { ASSIGN, branch, ESP, house, SUBZONES } from '../support/placed.js'
import { until } from '../support/until.js'

t.test('subzones: made, listed, changed, put to rest and removed', async (t) => {
  const { post, del, get, heard } = await house(t)
  t.match(await post(`${SUBZONES}/assign`, { subzone_id: 'bench', assigned_gpios: [4] }), {
    status: 400,
    body: { detail: /in no zone/ },
  })
  await post(`${ASSIGN}?wait=15`, { zone_id: 'tent' })
  const made = await post(`${SUBZONES}/assign?wait=15`, {
    subzone_id: 'bench',
    assigned_gpios: [9, 4, 4],
    subzone_name: 'Bench',
    parent_zone_id: 'tent',
  })
  t.match(made, {
    status: 200,
    body: {
      success: true,
      device_id: ESP,
      subzone_id: 'bench',
      assigned_gpios: [4, 9],
      mqtt_topic: `${branch}/subzone/assign`,
      mqtt_sent: true,
      acknowledged: true,
    },
  })
  const one = await get(`${SUBZONES}/bench`)
  t.match(one.body, {
    subzone_id: 'bench',
    subzone_name: 'Bench',
    parent_zone_id: 'tent',
    assigned_gpios: [4, 9],
    safe_mode_active: true,
    sensor_count: 1,
    actuator_count: 0,
    status: 'assigned',
  })
  t.match((await get(SUBZONES)).body, {
    success: true,
    device_id: ESP,
    zone_id: 'tent',
    subzones: [one.body],
    total_count: 1,
  })
  t.match(await post(`${SUBZONES}/assign`, { subzone_id: 'table', assigned_gpios: [9] }), {
    status: 409,
    body: { code: 'gpio_conflict', detail: /bench/ },
  })
  t.match(
    await post(`${SUBZONES}/assign`, { subzone_id: 'table', assigned_gpios: [5], parent_zone_id: 'x' }),
    {
      status: 400,
    },
  )
  t.match(await del(`${SUBZONES}/bench/safe-mode`, { reason: 'repaired' }), {
    status: 200,
    body: { success: true, subzone_id: 'bench', safe_mode_active: false, mqtt_sent: true },
  })
  t.match(await post(`${SUBZONES}/bench/safe-mode`, {}), { body: { safe_mode_active: true } })
  await until(() => heard.filter(([kind]) => kind === 'subzone/safe').length === 2, 'both orders')
  t.match(
    heard.filter(([kind]) => kind === 'subzone/safe').map(([, payload]) => payload),
    [
      { action: 'disable', reason: 'repaired' },
      { action: 'enable', reason: 'manual' },
    ],
  )
  t.match(await del(`${SUBZONES}/bench?wait=15`), {
    status: 200,
    body: { success: true, acknowledged: true },
  })
  t.equal((await get(`${SUBZONES}/bench`)).status, 404)
  t.match((await get(SUBZONES)).body, { total_count: 0 })
  t.equal((await del(`${SUBZONES}/bench`)).status, 404)
  t.equal((await post(`${SUBZONES}/bench/safe-mode`, {})).status, 404)
  t.equal((await get('/subzone/devices/ESP_NOBODY/subzones')).status, 404)
})

t.test('bad subzones are refused by field', async (t) => {
  const { post } = await house(t)
  for (const [body, field] of [
    [{ assigned_gpios: [4] }, 'subzone_id'],
    [{ subzone_id: 'a-b', assigned_gpios: [4] }, 'subzone_id'],
    [{ subzone_id: 'x'.repeat(33), assigned_gpios: [4] }, 'subzone_id'],
    [{ subzone_id: 'a', assigned_gpios: [] }, 'assigned_gpios'],
    [{ subzone_id: 'a', assigned_gpios: [...Array(21).keys()] }, 'assigned_gpios'],
    [{ subzone_id: 'a', assigned_gpios: [256] }, 'assigned_gpios'],
    [{ subzone_id: 'a', assigned_gpios: [4.5] }, 'assigned_gpios'],
    [{ subzone_id: 'a', assigned_gpios: [4], safe_mode_active: 1 }, 'safe_mode_active'],
  ] as const)
    t.match(
      await post(`${SUBZONES}/assign`, body),
      { status: 422, body: { detail: [{ loc: ['body', field] }] } },
      JSON.stringify(body).slice(0, 60),
    )
})
