// The tus project's own server for Node with its store of files: each upload a file and a note of what it is beside it, as
// tusd keeps them. It listens on a free port of loopback, prints the port, and ends with its standard input.
import { FileStore } from "@tus/file-store";
import { Server } from "@tus/server";

const server = new Server({
  path: "/files",
  relativeLocation: true,
  datastore: new FileStore({ directory: process.argv[2] }),
});
const listening = server.listen({ host: "127.0.0.1", port: 0 }, () => console.log(listening.address().port));
process.stdin.resume();
process.stdin.on("end", () => process.exit());
