#include "cli/services/listeners.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>

#include <arpa/inet.h>

#include <fmt/format.h>

#include "base/ascii.hpp"
#include "base/utf8.hpp"

namespace npu::cli {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kListening = "0A";  // TCP_LISTEN, as /proc/net/tcp has it
constexpr std::size_t kMostOfCommand = 60;
constexpr std::size_t kMostFileBytes = std::size_t{4} << 20;

struct Socket {
  std::string address;
  std::string inode;
};

std::string text_of_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text;
  char block[4096];
  while (text.size() < kMostFileBytes && file.read(block, sizeof(block)).gcount() > 0) {
    text.append(block, static_cast<std::size_t>(file.gcount()));
  }
  return text;
}

// The kernel prints each four bytes of the address as a number of this machine.
std::optional<std::string> address_text(std::string_view digits) {
  std::array<std::uint32_t, 4> words{};
  const std::size_t count = digits.size() / 8;
  if (digits.size() % 8 != 0 || (count != 1 && count != 4)) return std::nullopt;
  for (std::size_t i = 0; i < count; ++i) {
    const char* at = digits.data() + 8 * i;
    if (std::from_chars(at, at + 8, words[i], 16).ptr != at + 8) return std::nullopt;
  }
  char text[INET6_ADDRSTRLEN];
  const int family = count == 1 ? AF_INET : AF_INET6;
  if (::inet_ntop(family, words.data(), text, sizeof(text)) == nullptr) return std::nullopt;
  return text;
}

// "0100007F:1388" of /proc/net/tcp.
std::optional<std::string> address_with_port(const std::string& word, int port) {
  const auto colon = word.find(':');
  if (colon == std::string::npos) return std::nullopt;
  int found = -1;
  std::from_chars(word.data() + colon + 1, word.data() + word.size(), found, 16);
  if (found != port) return std::nullopt;
  return address_text(std::string_view(word).substr(0, colon));
}

std::vector<Socket> listening_sockets(int port, const std::string& root) {
  std::vector<Socket> sockets;
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::istringstream lines(text_of_file(root + table));
    for (std::string line; std::getline(lines, line);) {
      // sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode
      std::istringstream in(line);
      std::array<std::string, 10> words;
      for (auto& word : words) in >> word;
      if (words[3] != kListening) continue;
      if (auto address = address_with_port(words[1], port)) {
        sockets.push_back({std::move(*address), words[9]});
      }
    }
  }
  return sockets;
}

// The program's words, for an interpreter with its script.
std::string command_of_process(const fs::path& process) {
  std::string words = text_of_file(process / "cmdline");
  std::ranges::replace(words, '\0', ' ');
  while (!words.empty() && words.back() == ' ') words.pop_back();
  if (words.empty()) {
    words = text_of_file(process / "comm");
    if (!words.empty() && words.back() == '\n') words.pop_back();
  }
  // The path of the program says no more than its name.
  const auto end_of_program = std::min(words.find(' '), words.size());
  const auto slash = words.rfind('/', end_of_program);
  if (slash != std::string::npos && slash < end_of_program) words.erase(0, slash + 1);
  return std::string(utf8_prefix(words, kMostOfCommand));
}

// "0::/system.slice/frigate.service"
std::string unit_of_process(const fs::path& process) {
  std::istringstream lines(text_of_file(process / "cgroup"));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream parts(line);
    for (std::string part; std::getline(parts, part, '/');) {
      if (part.ends_with(".service") || part.starts_with("docker-")) return part;
    }
  }
  return {};
}

bool is_number(const std::string& name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; });
}

bool has_socket(const fs::path& process, const std::string& inode) {
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(process / "fd", failed)) {
    std::error_code gone;
    if (fs::read_symlink(entry.path(), gone) == "socket:[" + inode + "]") return true;
  }
  return false;
}

// Of several, as after a fork, the one that came first.
void find_process(PortHolder& holder, const std::string& inode, const std::string& root) {
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(root + "/proc", failed)) {
    const std::string name = entry.path().filename();
    if (!is_number(name) || !has_socket(entry.path(), inode)) continue;
    const std::int64_t pid = std::strtoll(name.c_str(), nullptr, 10);
    if (holder.pid != 0 && holder.pid < pid) continue;
    holder.pid = pid;
    holder.program = command_of_process(entry.path());
    holder.unit = unit_of_process(entry.path());
  }
}

bool is_any(std::string_view address) {
  return address == "*" || address == "0.0.0.0" || address == "::";
}

}  // namespace

std::string PortHolder::text() const {
  if (pid == 0) return "another program (sudo shows which)";
  return fmt::format("{} (pid {}{}{})", program.empty() ? "a program" : program, pid,
                     unit.empty() ? "" : ", ", unit);
}

std::vector<PortHolder> holders_of_port(int port, const std::string& root) {
  std::vector<PortHolder> holders;
  for (const auto& socket : listening_sockets(port, root)) {
    auto& holder = holders.emplace_back();
    holder.address = socket.address;
    find_process(holder, socket.inode, root);
  }
  return holders;
}

std::vector<PortHolder> in_the_way(const std::vector<PortHolder>& holders, std::string_view host) {
  const auto is_in_way = [&](std::string_view own, const PortHolder& holder) {
    own = own.empty() || own == "localhost" ? "127.0.0.1" : own;
    if (own.starts_with('[') && own.ends_with(']')) own = own.substr(1, own.size() - 2);
    // What listens on :: takes IPv4 along, unless it says otherwise, which /proc does not tell.
    return is_any(own) || is_any(holder.address) || holder.address == own;
  };
  std::vector<PortHolder> found;
  for (const auto& holder : holders) {
    for (std::size_t begin = 0; begin <= host.size();) {
      const auto comma = std::min(host.find(',', begin), host.size());
      const bool in_way = is_in_way(trim(host.substr(begin, comma - begin)), holder);
      if (in_way) found.push_back(holder);
      begin = in_way ? host.size() + 1 : comma + 1;
    }
  }
  return found;
}

}  // namespace npu::cli
