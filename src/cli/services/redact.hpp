// Takes secrets out of text that leaves the machine.
//
// What counts as one: the values of names that say token, password, secret or key, user and
// password of URLs, bearer keys, and values that are known to be secret, wherever they stand. When
// in doubt more is taken out than need be.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace npu::cli {

inline constexpr std::string_view kRemoved = "<removed>";

// "server.api_keys", "MQTT_PASSWORD"; not "keypoint_threshold", "keep_alive".
bool names_a_secret(std::string_view name);

class Redactor {
 public:
  // A value that is removed from all texts. Short ones, which are words of every text, only where
  // their names tell them.
  void add_secret(std::string_view value);

  // Of a log or the output of a program: NAME=VALUE and NAME: VALUE up to the next blank.
  std::string text(std::string_view text) const;
  // Of a configuration file (YAML or the like): the whole value, over as many lines as it has.
  std::string config(std::string_view text) const;

 private:
  std::string without_known(std::string line) const;

  std::vector<std::string> secrets_;
};

}  // namespace npu::cli
