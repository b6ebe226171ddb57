#include "store/pull_command.hpp"

namespace npu::store {
namespace {

constexpr std::string_view kPull = "hailoctl pull ";
constexpr std::string_view kOfNames = "abcdefghijklmnopqrstuvwxyz0123456789._-";

}  // namespace

std::string pull_command(std::string_view model) { return std::string(kPull) + std::string(model); }

std::string_view pull_command_in(std::string_view message) {
  const auto begin = message.find(kPull);
  if (begin == std::string_view::npos) return {};
  const std::string_view rest = message.substr(begin);
  const auto end = rest.find_first_not_of(kOfNames, kPull.size());
  const std::string_view command = rest.substr(0, end);
  return command.size() > kPull.size() ? command : std::string_view();
}

}  // namespace npu::store
