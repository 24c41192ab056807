// A hello world, to see what the runtime itself takes to start.
import http from "node:http";

const server = http.createServer((incoming, outgoing) => outgoing.end("hello"));
server.listen(process.env.PORT, process.env.HOST);
