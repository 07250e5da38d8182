#include <cloudflare/detail/object.hpp>

#include <algorithm>

namespace cloudflare::inline v0::detail {

namespace {

void* allocate(object_type const& type, std::size_t count) {
    return ::operator new (count* type.size, std::align_val_t{type.alignment});
}

void deallocate(object_type const& type, void* at) noexcept {
    ::operator delete (at, std::align_val_t{type.alignment});
}

}  // namespace

any_object::any_object(object_type const& type) : type_{&type}, at_{allocate(type, 1)} {
    type.construct(at_);
}

any_object::any_object(object_type const& type, void const* copied)
    : type_{&type}, at_{allocate(type, 1)} {
    type.copy(at_, copied);
}

any_object::any_object(any_object const& other) : any_object{*other.type_, other.at_} {}

any_object::any_object(any_object&& other) noexcept
    : type_{other.type_}, at_{std::exchange(other.at_, nullptr)} {}

any_object& any_object::operator=(any_object other) noexcept {
    std::swap(type_, other.type_);
    std::swap(at_, other.at_);
    return *this;
}

any_object::~any_object() {
    if (!at_) return;
    type_->destroy(at_);
    deallocate(*type_, at_);
}

void any_object::assign(void const* other) {
    *this = any_object{*type_, other};
}

result<void> any_object::validate() const {
    if (!type_->validate) return {};
    return type_->validate(at_);
}

object_list::object_list(object_type const& type, wire::codec const* how) noexcept
    : type_{&type}, how_{how ? how : type.how} {}

object_list::object_list(object_list&& other) noexcept
    : type_{other.type_},
      how_{other.how_},
      first_{std::exchange(other.first_, nullptr)},
      size_{std::exchange(other.size_, 0)},
      capacity_{std::exchange(other.capacity_, 0)} {}

object_list& object_list::operator=(object_list other) noexcept {
    std::swap(type_, other.type_);
    std::swap(how_, other.how_);
    std::swap(first_, other.first_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    return *this;
}

object_list::~object_list() {
    clear();
    deallocate(*type_, first_);
}

void object_list::clear() noexcept {
    for (std::size_t i = 0; i != size_; ++i) type_->destroy((*this)[i]);
    size_ = 0;
}

void object_list::reserve(std::size_t capacity) {
    if (capacity <= capacity_) return;
    auto* const room = static_cast<std::byte*>(allocate(*type_, capacity));
    for (std::size_t i = 0; i != size_; ++i) {
        type_->move(room + i * type_->size, (*this)[i]);
        type_->destroy((*this)[i]);
    }
    deallocate(*type_, std::exchange(first_, room));
    capacity_ = capacity;
}

void* object_list::add() {
    if (size_ == capacity_) reserve(std::max<std::size_t>(2 * capacity_, 1));
    auto* const made = (*this)[size_];
    type_->construct(made);
    ++size_;
    return made;
}

void object_list::drop_last() noexcept {
    --size_;
    type_->destroy((*this)[size_]);
}

void object_list::drop_marked(std::vector<bool> const& marks) noexcept {
    std::size_t kept = 0;
    for (std::size_t i = 0; i != size_; ++i) {
        if (!marks[i]) {
            if (kept != i) type_->move((*this)[kept], (*this)[i]);
            ++kept;
        }
        if (marks[i] || kept != i + 1) type_->destroy((*this)[i]);
    }
    size_ = kept;
}

void object_list::append(object_list&& other) {
    if (empty() && other.capacity_ > capacity_) {
        *this = std::move(other);
        return;
    }
    if (size_ + other.size_ > capacity_) reserve(std::max(size_ + other.size_, 2 * capacity_));
    for (std::size_t i = 0; i != other.size_; ++i) {
        type_->move((*this)[size_], other[i]);
        ++size_;
    }
    other.clear();
}

}  // namespace cloudflare::inline v0::detail

namespace cloudflare::inline v0 {

bool wire::codec_of<detail::any_object>::on_null(void* at) const {
    auto& object = *static_cast<detail::any_object*>(at);
    return object.type().how->on_null(object.get());
}

wire::slot wire::codec_of<detail::any_object>::on_object(void* at) const {
    auto& object = *static_cast<detail::any_object*>(at);
    return object.type().how->on_object(object.get());
}

void wire::codec_of<detail::any_object>::clear(void* at) const {
    auto& object = *static_cast<detail::any_object*>(at);
    object.type().how->clear(object.get());
}

bool wire::codec_of<detail::any_object>::is_present(void const* at) const {
    return static_cast<detail::any_object const*>(at)->get() != nullptr;
}

void wire::codec_of<detail::any_object>::write(void const* at, sink& out) const {
    auto const& object = *static_cast<detail::any_object const*>(at);
    object.type().how->write(object.get(), out);
}

wire::slot wire::codec_of<detail::object_list>::on_array(void* at) const {
    static_cast<detail::object_list*>(at)->clear();
    return {this, at};
}

wire::slot wire::codec_of<detail::object_list>::element(void* at) const {
    auto& all = *static_cast<detail::object_list*>(at);
    return {&all.how(), all.add()};
}

std::size_t wire::codec_of<detail::object_list>::element_size(void const* at) const {
    return static_cast<detail::object_list const*>(at)->type().size;
}

void wire::codec_of<detail::object_list>::write(void const* at, sink& out) const {
    auto const& all = *static_cast<detail::object_list const*>(at);
    out.begin_array();
    for (std::size_t i = 0; i != all.size(); ++i) all.how().write(all[i], out);
    out.end_array();
}

}  // namespace cloudflare::inline v0
