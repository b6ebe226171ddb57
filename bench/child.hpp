// A program of this build as a child process, ended with its object.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace npu::bench {

// Ends the benchmark with status 2.
[[noreturn]] void give_up(const std::string& why);

// An empty folder, removed with its object.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

class Child {
 public:
  // name: of a program beside this one.
  Child(const std::string& name, std::vector<std::string> arguments);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }
  // Processor time of the program so far.
  std::chrono::nanoseconds cpu_time() const;
  // A line of its /proc/<pid>/status, in MB (10^6 bytes): VmRSS, VmHWM (the most so far).
  double memory_mb(std::string_view field) const;
  // Asks every 10 ms until ready() is true; gives up after ten seconds or when the child ends.
  template <class Ready>
  void await(Ready ready) const {
    for (int i = 0; !ready(); ++i) pause(i);
  }

 private:
  void pause(int round) const;

  std::string name_;
  pid_t pid_ = -1;
};

}  // namespace npu::bench
