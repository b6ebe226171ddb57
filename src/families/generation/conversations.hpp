// Conversations that a model can go on with, without reading their beginning again.
//
// A client that keeps a conversation gets a number for it, and gives it back together with the
// whole prompt of the next turn. Where that prompt goes on from what the context holds, only the
// rest is read; else, and where the number is not one of this client's or its context had to give
// way, the whole prompt is. So a number can make an answer quicker and never another one.
//
// The context of the last turn stays on the device; it is saved only when another conversation
// needs the place. A turn that shows new pictures is read whole: HailoRT's own programs show them
// to an empty context only. What is saved never leaves the worker (docs/adr/0052). Together they
// have at most so many bytes; over it, the oldest of the user who holds most goes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <npu/result.hpp>

#include "device/device.hpp"
#include "families/family.hpp"

namespace npu::families {

class Conversations {
 public:
  using Id = std::uint64_t;

  // The model outlives them.
  Conversations(device::TextModel& model, std::size_t most_bytes)
      : model_(model), most_bytes_(most_bytes) {}

  // How the next generation begins: with what is on the device, or with an empty context.
  struct Start {
    bool resume = false;
    std::size_t text = 0;      // bytes of the prompt that the context holds
    std::size_t pictures = 0;  // its frames, all or none
    int tokens = 0;
  };
  // Brings the conversation onto the device, and what is there into safety. An error where the
  // device has none to give any more.
  Result<Start> begin(const Asker& asker, std::optional<Id> id, std::string_view prompt,
                      std::span<const TensorView> frames);

  // After a generation that was told to keep the context: what it now holds. Gives the number,
  // which stays the same through a conversation.
  struct Held {
    std::string text;
    std::span<const TensorView> frames;
    int tokens = 0;
  };
  Id keep(Held held);
  // After one that was not: the conversation that it went on with has ended.
  void end();

  // The client is gone.
  void forget(std::uint64_t client);

  std::size_t size() const { return kept_.size(); }

 private:
  struct Context {
    Asker owner;
    std::string text;
    std::vector<std::uint64_t> pictures;  // checksums
    int tokens = 0;
    std::vector<std::byte> saved;  // empty: it is on the device
    std::uint64_t used = 0;        // larger is later
  };
  struct Turn {
    Asker asker;
    std::optional<Id> id;  // of the conversation, where there is one
  };

  static std::size_t bytes_of(const Context& context);
  static bool continues(const Context& context, std::string_view prompt,
                        std::span<const std::uint64_t> pictures);
  Status save_what_is_on_the_device();
  void make_room();

  device::TextModel& model_;
  std::size_t most_bytes_;
  std::map<Id, Context> kept_;
  std::optional<Id> on_device_;
  Turn turn_;
  Id last_ = 0;
  std::uint64_t uses_ = 0;
};

}  // namespace npu::families
