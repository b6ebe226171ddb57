#include "families/generation/conversations.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"

namespace npu::families {
namespace {

// What a context counts at least: bounds their number.
constexpr std::size_t kLeastBytes = std::size_t{1} << 20;

// Tells the pictures of one client apart, nothing more: whoever makes two alike cheats himself.
std::uint64_t checksum_of(const TensorView& frame) {
  const std::string_view bytes(reinterpret_cast<const char*>(frame.data.data()), frame.data.size());
  return std::hash<std::string_view>{}(bytes);
}

std::vector<std::uint64_t> checksums_of(std::span<const TensorView> frames) {
  std::vector<std::uint64_t> sums;
  for (const auto& frame : frames) sums.push_back(checksum_of(frame));
  return sums;
}

}  // namespace

std::size_t Conversations::bytes_of(const Context& context) {
  return std::max(kLeastBytes, context.saved.size() + context.text.size());
}

bool Conversations::continues(const Context& context, std::string_view prompt,
                              std::span<const std::uint64_t> pictures) {
  return prompt.size() > context.text.size() && prompt.starts_with(context.text) &&
         std::ranges::equal(context.pictures, pictures);
}

Result<Conversations::Start> Conversations::begin(const Asker& asker, std::optional<Id> id,
                                                  std::string_view prompt,
                                                  std::span<const TensorView> frames) {
  turn_ = {asker, std::nullopt};
  auto found = id ? kept_.find(*id) : kept_.end();
  if (found != kept_.end() && found->second.owner.client != asker.client) found = kept_.end();
  if (found != kept_.end()) turn_.id = found->first;
  const bool goes_on =
      found != kept_.end() && continues(found->second, prompt, checksums_of(frames));
  if (found != kept_.end() && !goes_on) {
    if (on_device_ == found->first) on_device_.reset();
    kept_.erase(found);
  }
  if (!goes_on) {
    if (auto ok = save_what_is_on_the_device(); !ok) return fail(ok.error());
    return Start{};
  }

  const Start start{.resume = true,
                    .text = found->second.text.size(),
                    .pictures = found->second.pictures.size(),
                    .tokens = found->second.tokens};
  if (on_device_ == found->first) {
    // The generation changes it: only keep() brings it back.
    on_device_.reset();
    kept_.erase(found);
    return start;
  }
  // What is on the device may need room; it must not come from the one that is to be loaded.
  found->second.used = ++uses_;
  std::vector<std::byte> saved = std::move(found->second.saved);
  if (auto ok = save_what_is_on_the_device(); !ok) return fail(ok.error());
  const auto loaded = model_.load_context(saved);
  if (loaded) {
    if (const auto still = kept_.find(*turn_.id); still != kept_.end()) {
      still->second.saved = std::move(saved);
    }
    return start;
  }
  if (loaded.error().code == ErrorCode::kDeviceLost) return fail(loaded.error());
  log::warning("a saved context could not be loaded: {}", loaded.error().message);
  kept_.erase(*turn_.id);
  return Start{};
}

Status Conversations::save_what_is_on_the_device() {
  if (!on_device_) return {};
  const auto context = kept_.find(*std::exchange(on_device_, std::nullopt));
  auto saved = model_.save_context();
  if (saved) {
    context->second.saved = std::move(*saved);
    make_room();
    return {};
  }
  if (saved.error().code == ErrorCode::kDeviceLost) return fail(saved.error());
  if (saved.error().code != ErrorCode::kUnsupported) {
    log::warning("a context could not be saved: {}", saved.error().message);
  }
  kept_.erase(context);
  return {};
}

Conversations::Id Conversations::keep(Held held) {
  const Id id = turn_.id.value_or(last_ + 1);
  last_ = std::max(last_, id);
  kept_[id] = {.owner = turn_.asker,
               .text = std::move(held.text),
               .pictures = checksums_of(held.frames),
               .tokens = held.tokens,
               .saved = {},
               .used = ++uses_};
  on_device_ = id;
  make_room();
  return id;
}

void Conversations::end() {
  if (turn_.id) kept_.erase(*turn_.id);
}

void Conversations::forget(std::uint64_t client) {
  std::erase_if(kept_, [&](const auto& entry) {
    if (entry.second.owner.client != client) return false;
    if (on_device_ == entry.first) on_device_.reset();
    return true;
  });
}

void Conversations::make_room() {
  for (;;) {
    std::map<std::uint32_t, std::size_t> held;
    std::size_t all = 0;
    for (const auto& [id, context] : kept_) {
      held[context.owner.user] += bytes_of(context);
      all += bytes_of(context);
    }
    if (all <= most_bytes_) return;
    const auto greediest = std::ranges::max_element(held, {}, [](auto& one) { return one.second; });
    auto oldest = kept_.end();
    for (auto it = kept_.begin(); it != kept_.end(); ++it) {
      if (it->second.owner.user != greediest->first) continue;
      if (oldest == kept_.end() || it->second.used < oldest->second.used) oldest = it;
    }
    if (on_device_ == oldest->first) on_device_.reset();
    kept_.erase(oldest);
  }
}

}  // namespace npu::families
