// The events of the namespace `/` that every server of the benchmark answers (bench/README.md), for one process.

export function addEvents(io) {
  io.on('connection', (socket) => {
    const { id } = socket.handshake.query;
    if (id !== undefined) socket.join(`user:${id}`);
    socket.on('echo', (x) => socket.emit('echo', x));
    socket.on('ack', (x, ack) => ack(x));
    socket.on('broadcast', (x) => io.emit('broadcast', x));
    socket.on('join', (room) => socket.join(room));
    socket.on('room', (room, x) => io.to(room).emit('room', x));
    socket.on('message', (x) => io.to(`user:${id}`).emit('message', x));
  });
}
