#include <algorithm>
#include <ctime>

#include <sys/prctl.h>
#include <sys/resource.h>

#include <fmt/format.h>

#include "base/own_memory.hpp"
#include "confine/confine.hpp"
#include "confine/denial.hpp"
#include "confine/system_calls.hpp"

namespace npu::confine {
namespace {

void lower(__rlimit_resource resource, rlim_t most) {
  rlimit limit{};
  if (::getrlimit(resource, &limit) != 0) return;
  limit.rlim_max = std::min(limit.rlim_max, most);
  limit.rlim_cur = std::min(limit.rlim_cur, limit.rlim_max);
  ::setrlimit(resource, &limit);
}

rlim_t soft(__rlimit_resource resource) {
  rlimit limit{};
  return ::getrlimit(resource, &limit) == 0 ? limit.rlim_cur : RLIM_INFINITY;
}

}  // namespace

Status restrict_process(const Rules& rules, int last_words) {
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  lower(RLIMIT_CORE, 0);
  lower(RLIMIT_NOFILE, soft(RLIMIT_NOFILE));
  if (rules.data_bytes > 0) {
    lower(RLIMIT_DATA, OwnMemory().private_bytes().value_or(0) + rules.data_bytes);
  }
  ::tzset();  // reads a file, which the first line of a log would do later
  watch_denied_calls(last_words);
  return filter_system_calls(rules);
}

std::string describe(const Status& files, const Status& calls) {
  if (files && calls) return "files and system calls";
  if (calls) return fmt::format("system calls; not files: {}", files.error().message);
  if (files) return fmt::format("files; not system calls: {}", calls.error().message);
  return fmt::format("nothing: {}; {}", files.error().message, calls.error().message);
}

}  // namespace npu::confine
