// Lines with fields for systemd-journald, in its native protocol
// (https://systemd.io/JOURNAL_NATIVE_PROTOCOL): one datagram a line. Not libsystemd's: its socket
// cannot be another one in tests, and it waits where journald is slow.
#pragma once

#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "base/unique_fd.hpp"

namespace npu::log {

struct JournalField {
  std::string_view name;   // upper-case letters and _
  std::string_view value;  // any bytes; an empty one is left out
};

class Journal {
 public:
  explicit Journal(std::string socket_path = "/run/systemd/journal/socket");
  Journal& operator=(Journal&& other) noexcept;

  // False where journald is not there, or does not take it at once, or it is too long for a
  // datagram: it is to be written as a plain line then. Never waits. Thread safe.
  bool send(std::span<const JournalField> fields);

 private:
  std::mutex mutex_;
  std::string socket_path_;
  UniqueFd socket_;
};

}  // namespace npu::log
