// Models that have ended their workers, or that one of our limits has ended, and are refused for a
// while (docs/adr/0018).
//
// Who reports a strike knows that the model is to blame and not what ran beside it. The first one
// of a model that has run well lately is forgiven: anything may end a worker once. Further ones
// close the model for kFirst, or for as long as it held its worker where that was longer, and for
// twice as long each time, up to kLongest.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/types.hpp"

namespace npu::broker {

struct Incident {
  std::string why;  // what happened, as a part of a sentence
  Duration held{};  // for how long the worker was busy with the model
};

struct RefusedModel {
  std::string type;
  std::string path;
  std::string reason;  // a whole sentence for people, with the time that is left
  Duration left{};
};

// By the files of a model, so that another type, other parameters or a link to them do not open it
// again, and a changed file does. Bounded: over kCapacity the one that was heard of longest ago is
// forgotten, those without a strike first.
class Quarantine {
 public:
  static constexpr std::size_t kCapacity = 512;
  static constexpr Duration kFirst = std::chrono::seconds(5);
  static constexpr Duration kLongest = std::chrono::hours(1);
  // A model has run well lately if it did so this long after its last strike or refusal, or ten
  // times as long as that strike had held the worker.
  static constexpr Duration kProbation = std::chrono::minutes(1);

  // first: instead of kFirst; zero refuses nothing.
  explicit Quarantine(Duration first = kFirst) : first_(first) {}

  void ran(const ModelSpec& model, SteadyTime now);  // an inference of it succeeded
  void struck(const ModelSpec& model, const Incident& by, SteadyTime now);
  // Its worker was lost once, which may have had another cause: a strike if it was so already less
  // than kProbation ago.
  void suspected(const ModelSpec& model, const Incident& by, SteadyTime now);

  // kUnavailable, whole, with the time that is left, while the model is refused.
  std::optional<Error> refusal(const ModelSpec& model, SteadyTime now) const;
  // At most `most` of those that are refused, the ones refused for longest first.
  std::vector<RefusedModel> refused(SteadyTime now, std::size_t most) const;

 private:
  struct Record {
    std::string type;
    std::string path;
    std::string why;
    int strikes = 0;
    int refusals = 0;
    SteadyTime refused_until = SteadyTime::min();
    SteadyTime proven_from = SteadyTime::min();  // running well counts from here on
    std::optional<SteadyTime> suspected_at;
    std::optional<SteadyTime> ran_at;
    SteadyTime heard{};
    bool has_run_well() const { return ran_at && *ran_at >= proven_from; }
  };
  Record& record(const ModelSpec& model, SteadyTime now);
  static std::string reason(const Record& record, SteadyTime now);

  Duration first_;
  // What its files are, or its key where it has none.
  using Identity = std::pair<std::uint64_t, std::string>;
  static Identity identity(const ModelSpec& model);
  std::map<Identity, Record> records_;
};

}  // namespace npu::broker
