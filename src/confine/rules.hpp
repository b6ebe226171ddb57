// What one device still needs of the system after the worker has confined itself.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace npu::confine {

struct Rules {
  // Whether its library opens files later on: those below `read` and `write` and those of the
  // system that every program may need (files.hpp). Else nothing at all can be opened any more.
  bool opens_files = false;
  std::vector<std::string> read;   // files and folders; what is absent is left out
  std::vector<std::string> write;  // the same; what lies there may be read, made and removed too
  // Whether it calls its driver: ioctl(2), and netlink sockets, over which libusb and udev listen.
  bool calls_driver = false;
  // What the process may take of memory of its own beyond what it has (RLIMIT_DATA); 0: no bound.
  std::uint64_t data_bytes = 0;
};

}  // namespace npu::confine
