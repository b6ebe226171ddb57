// What a migration consists of: steps that can be done, and undone, also where one broke off in the
// middle or is done twice.
#pragma once

#include <string>

#include <boost/json.hpp>

#include <npu/result.hpp>

#include "cli/migrate/tree.hpp"

namespace npu::cli::migrate {

struct Step {
  enum class Op {
    kStop,      // the unit, which was `enabled` and `active`
    kKeep,      // move the file `from` aside, to `to`
    kWrite,     // the file `to`, with `text`
    kAdopt,     // the model file `from`, whose access was `access`, becomes root's in `to`
    kDatabase,  // of the kept face database `from` a whole copy is made, `to`, with `access`
    kReload,    // systemd reads its units again
    kStart,     // the unit, as it was `enabled` and `active`
    kDone,      // the service is migrated; `text` says how
  };
  Op op = Op::kDone;
  std::string service;
  std::string unit{};
  std::string from{};
  std::string to{};
  std::string text{};
  Access access{};
  bool enabled = false;
  bool active = false;

  boost::json::object json() const;
  // kMalformed where it is none.
  static Result<Step> from_json(const boost::json::value& value);

  bool operator==(const Step& other) const { return json() == other.json(); }
};

// "move /etc/hailo/hailo-depth.yaml to ...", for people; "" where there is nothing to tell.
std::string describe(const Step& step);

}  // namespace npu::cli::migrate
