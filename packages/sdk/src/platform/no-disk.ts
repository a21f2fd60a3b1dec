// What `#disk` is in browsers.
export const disk = undefined
