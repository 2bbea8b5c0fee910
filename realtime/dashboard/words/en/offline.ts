/** Whether the page opens when the box is away, and that a newer one is there. */
export const offline = {
  denied: 'This browser keeps no data for this page: nothing is shown while the box is away.',
  failed:
    'This browser could not keep the page, for want of space perhaps: it does not open while the box is away.',
  full: 'This browser has no space left: the last known values it keeps are those of {time}.',
  full_none: 'This browser has no space left: it keeps no last known values.',
  insecure:
    'This page was opened over plain HTTP. Browsers let it be installed, and open while the box is away, over HTTPS only.',
  left_out:
    '{n} more device is not shown: it did not fit into this browser. | {n} more devices are not shown: they did not fit into this browser.',
  ready: 'This page can be installed as an app, and shows the last known values while the box is away.',
  reload: 'Reload',
  starting: 'The page is being kept for times when the box is away …',
  unsupported: 'This browser cannot keep the page: it does not open while the box is away.',
  update: 'A new version of this page is there.',
}
