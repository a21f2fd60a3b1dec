// Loaded in each process that a campaign starts (`node --import`): ends the process when its parent is gone.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'))
// The channel itself must not keep the process alive. Threads have no such channel.
process.channel?.unref()
