/** Inputs and panels that several pages share. */
export const parts = {
  cancel: 'Cancel',
  copied: '{name} copied',
  copy: 'Copy',
  copy_this: 'Copy {name}',
  hide: 'Hide',
  not_copied: 'Not copied: press Ctrl+C, it is selected',
  once: 'These credentials are shown once.',
  once_enter: 'Put them into the device now, or write them down.',
  once_heading: '{device} may come in',
  once_told: 'The device has just been told them; write them down if you want to keep them.',
  optional: 'optional',
  saved: 'I have saved them',
  show: 'Show',
  show_this: 'Show {label}',
}
