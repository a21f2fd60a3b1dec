// Loaded before a process that a campaign starts (`node --import`): it ends when whoever started it is gone.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'))
// That alone keeps nobody alive. The threads of a process have no such channel.
process.channel?.unref()
